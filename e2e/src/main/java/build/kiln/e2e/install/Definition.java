package build.kiln.e2e.install;

import build.kiln.crds.ImageBuild;
import build.kiln.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// The definition of ImageBuilds, which Helm installs once and never changes.
public final class Definition {

    private static final long SECONDS = 30;

    private final CustomResourceDefinition wanted;
    private boolean isOurs;

    private Definition(CustomResourceDefinition wanted) {
        this.wanted = wanted;
    }

    /// @param file the chart's
    public static Definition of(Path file) throws IOException {
        return new Definition(Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class));
    }

    /// Brings the definition into the cluster. One that is there already and differs is replaced, and that is said.
    public void apply(Cluster cluster, PrintStream people) {
        Resource<CustomResourceDefinition> resource = cluster.client().resource(wanted);
        CustomResourceDefinition present = resource.get();
        isOurs = present == null;
        CustomResourceDefinition applied = resource.forceConflicts().serverSideApply();
        if (present != null && !Objects.equals(present.getSpec(), applied.getSpec())) {
            people.println("The cluster had another definition of ImageBuilds; it is brought to this version.");
        }
        resource.waitUntilCondition(
                seen -> seen != null
                        && seen.getStatus() != null
                        && seen.getStatus().getConditions() != null
                        && seen.getStatus().getConditions().stream()
                                .anyMatch(c -> c.getType().equals("Established")
                                        && c.getStatus().equals("True")),
                SECONDS,
                TimeUnit.SECONDS);
    }

    /// Deletes the definition if this run brought it and nobody has made use of it meanwhile.
    public void takeBack(Cluster cluster) {
        if (isOurs
                && cluster.client()
                        .resources(ImageBuild.class)
                        .inAnyNamespace()
                        .list()
                        .getItems()
                        .isEmpty()) {
            cluster.client().resource(wanted).delete();
        }
    }
}
