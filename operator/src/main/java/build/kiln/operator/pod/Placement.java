package build.kiln.operator.pod;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTermBuilder;
import org.jspecify.annotations.Nullable;

/// Where a pod may be, besides what the user says of it.
final class Placement {

    private Placement() {}

    /// Pods whose claim can be on one node at a time stay together.
    ///
    /// The pod has the label that it looks for, so the first of them may go anywhere: Kubernetes lets a pod that
    /// matches its own rule be the first one. Pods that have ended do not count.
    static @Nullable Affinity affinity(@Nullable Affinity ofUser, CacheUse cache) {
        return switch (cache.reach()) {
            case ANY_NODE -> ofUser;
            case ONE_NODE ->
                (ofUser == null ? new AffinityBuilder() : new AffinityBuilder(ofUser))
                        .editOrNewPodAffinity()
                        .addToRequiredDuringSchedulingIgnoredDuringExecution(besidePodsOf(cache))
                        .endPodAffinity()
                        .build();
        };
    }

    private static PodAffinityTerm besidePodsOf(CacheUse cache) {
        return new PodAffinityTermBuilder()
                .withTopologyKey("kubernetes.io/hostname")
                .withNewLabelSelector()
                .addToMatchLabels(PodNames.MANAGED_BY, PodNames.MANAGED_BY_KILN)
                .addToMatchLabels(PodNames.CACHE, PodNames.label(cache.claimName()))
                .endLabelSelector()
                .build();
    }
}
