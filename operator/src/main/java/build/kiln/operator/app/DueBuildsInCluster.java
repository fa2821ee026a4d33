package build.kiln.operator.app;

import build.kiln.crds.DueBuild;
import build.kiln.crds.ImageBuild;
import build.kiln.operator.hook.DueBuilds;
import build.kiln.operator.status.DueStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;

/// ImageBuilds at the API server itself: any replica hears from git servers, and what it writes the one that works
/// sees.
final class DueBuildsInCluster implements DueBuilds {

    private final KubernetesClient client;

    DueBuildsInCluster(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<ImageBuild> get(String namespace, String name) {
        return Optional.ofNullable(client.resources(ImageBuild.class)
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    @Override
    public boolean write(ImageBuild build, DueBuild due) {
        build.setStatus(DueStatus.of(build, due));
        try {
            client.resource(build).updateStatus();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == 409) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public boolean isDue(ImageBuild build) {
        return DueStatus.isDue(build);
    }
}
