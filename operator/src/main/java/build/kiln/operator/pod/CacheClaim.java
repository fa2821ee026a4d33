package build.kiln.operator.pod;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The claim that a namespace gets for its cache if it has none of that name.
///
/// @param size as a Kubernetes quantity
/// @param storageClass empty for the cluster's default
public record CacheClaim(String name, String size, Optional<String> storageClass, AccessMode accessMode) {

    /// On how many nodes at once its volume can be.
    public enum AccessMode {
        READ_WRITE_ONCE("ReadWriteOnce"),
        READ_WRITE_MANY("ReadWriteMany");

        private final String word;

        AccessMode(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }

        /// @throws IllegalArgumentException if there is no such mode
        public static AccessMode of(String word) {
            return java.util.Arrays.stream(values())
                    .filter(mode -> mode.word.equals(word))
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalArgumentException(word.toLowerCase(Locale.ROOT) + " is no access mode."));
        }
    }

    CacheClaim withName(String other) {
        return new CacheClaim(other, size, storageClass, accessMode);
    }

    /// Nobody owns it: the cache outlives every build.
    public PersistentVolumeClaim desired(String namespace) {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .addToLabels("app.kubernetes.io/name", "kiln-cache")
                .addToLabels(PodNames.MANAGED_BY, PodNames.MANAGED_BY_KILN)
                .endMetadata()
                .withNewSpec()
                .withAccessModes(accessMode.word())
                .withStorageClassName(storageClass.orElse(null))
                .withNewResources()
                .addToRequests("storage", new Quantity(size))
                .endResources()
                .endSpec()
                .build();
    }

    /// How pods use a claim that is there, whoever made it.
    public static CacheUse use(PersistentVolumeClaim claim) {
        List<String> modes = claim.getSpec() == null || claim.getSpec().getAccessModes() == null
                ? List.of()
                : claim.getSpec().getAccessModes();
        return new CacheUse(
                claim.getMetadata().getName(),
                modes.contains(AccessMode.READ_WRITE_MANY.word()) ? CacheUse.Reach.ANY_NODE : CacheUse.Reach.ONE_NODE);
    }
}
