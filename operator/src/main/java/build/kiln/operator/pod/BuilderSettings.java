package build.kiln.operator.pod;

import build.kiln.crds.CacheSettings;
import java.util.Optional;
import java.util.OptionalLong;

/// What all builder pods of this operator have in common.
///
/// @param image the builder's image
/// @param imagePullPolicy of Kubernetes: `Always`, `IfNotPresent` or `Never`
/// @param cacheClaim the claim that every namespace has for its cache; without one, a build's cache dies with its pod
/// @param platform `os/architecture` of the nodes that builders run on
/// @param rungs how far RUNs are kept apart
/// @param defaults what pods have that say nothing else
public record BuilderSettings(
        String image,
        String imagePullPolicy,
        Optional<CacheClaim> cacheClaim,
        CacheLimits cacheLimits,
        String platform,
        RungSettings rungs,
        PodDefaults defaults) {

    /// How much a cache may take; what is empty is for the builder to choose by the size of the volume.
    ///
    /// @param minFreeBytes that the volume's file system has to keep free
    public record CacheLimits(OptionalLong maxBytes, OptionalLong minFreeBytes) {

        public static final CacheLimits CHOSEN_BY_BUILDER = new CacheLimits(OptionalLong.empty(), OptionalLong.empty());
    }

    /// The claim that a build of this scope has its cache on.
    public Optional<CacheClaim> claimFor(CacheSettings.Scope scope) {
        return switch (scope) {
            case NAMESPACE, BUILD -> cacheClaim;
            case NONE -> Optional.empty();
        };
    }

    public String os() {
        return platform.split("/", -1)[0];
    }

    public String architecture() {
        return platform.split("/", -1)[1];
    }
}
