package build.kiln.operator.progress;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Logs by the Kubernetes API.
public final class KubernetesLogs implements BuilderLogs {

    private final KubernetesClient client;
    private final String container;

    public KubernetesLogs(KubernetesClient client, String container) {
        this.client = client;
        this.container = container;
    }

    @Override
    public InputStream follow(PodKey pod) throws IOException {
        try {
            LogWatch watch = client.pods()
                    .inNamespace(pod.namespace())
                    .withName(pod.name())
                    .inContainer(container)
                    // It runs: no need to open a watch of its own and wait for that.
                    .withReadyWaitTimeout(0)
                    .watchLog();
            InputStream output = watch.getOutput();
            if (output == null) {
                watch.close();
                throw new IOException("There is no log yet.");
            }
            return new FilterInputStream(output) {
                @Override
                public void close() {
                    watch.close();
                }
            };
        } catch (KubernetesClientException | IllegalStateException e) {
            // The second is what a closed client says.
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public Life life(PodKey key) {
        try {
            Pod pod = client.pods()
                    .inNamespace(key.namespace())
                    .withName(key.name())
                    .get();
            if (pod == null || !key.uid().equals(pod.getMetadata().getUid())) {
                return Life.GONE;
            }
            String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
            return "Succeeded".equals(phase) || "Failed".equals(phase) ? Life.ENDED : Life.ACTIVE;
        } catch (KubernetesClientException | IllegalStateException e) {
            // Nobody knows: better one more try than a build whose progress is never seen again.
            return Life.ACTIVE;
        }
    }
}
