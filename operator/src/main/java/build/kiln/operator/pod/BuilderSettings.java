package build.kiln.operator.pod;

import build.kiln.crds.CacheSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/// What all builder pods of this operator have in common.
///
/// @param image the builder's image
/// @param imagePullPolicy of Kubernetes: `Always`, `IfNotPresent` or `Never`
/// @param cacheClaim the claim that every namespace has for its cache; without one, a build's cache dies with its pod
/// @param platform `os/architecture` of the nodes that builders run on
/// @param rungs how far RUNs are kept apart
/// @param platformWait so long a pod may find no node of a platform that the user asks for
/// @param builderId the URI by which a provenance calls the builders of this operator
/// @param defaults what pods have that say nothing else
public record BuilderSettings(
        String image,
        String imagePullPolicy,
        Optional<CacheClaim> cacheClaim,
        CacheLimits cacheLimits,
        String platform,
        RungSettings rungs,
        PodDefaults defaults,
        Duration platformWait,
        String builderId) {

    /// How much a cache may take; what is empty is for the builder to choose by the size of the volume.
    ///
    /// @param minFreeBytes that the volume's file system has to keep free
    public record CacheLimits(OptionalLong maxBytes, OptionalLong minFreeBytes) {

        public static final CacheLimits CHOSEN_BY_BUILDER = new CacheLimits(OptionalLong.empty(), OptionalLong.empty());
    }

    /// The claim that the pods of a platform have their cache on.
    ///
    /// A volume that one node at a time can have cannot serve nodes of two kinds: each architecture but
    /// the usual one has a claim of its own then.
    public Optional<CacheClaim> claimFor(CacheSettings.Scope scope, PodPart part) {
        return switch (part) {
            case PodPart.Index index -> Optional.empty();
            case PodPart.BaseImages images -> Optional.empty();
            case PodPart.Whole whole -> claimFor(scope).map(claim -> ofArchitecture(claim, part));
            case PodPart.Platform platform -> claimFor(scope).map(claim -> ofArchitecture(claim, part));
        };
    }

    private CacheClaim ofArchitecture(CacheClaim claim, PodPart part) {
        String usual = platform.split("/", -1)[1];
        return claim.accessMode() == CacheClaim.AccessMode.READ_WRITE_MANY
                        || part.architecture().equals(usual)
                ? claim
                : claim.withName(claim.name() + "-" + part.architecture());
    }

    private Optional<CacheClaim> claimFor(CacheSettings.Scope scope) {
        return switch (scope) {
            case NAMESPACE, BUILD -> cacheClaim;
            case NONE -> Optional.empty();
        };
    }
}
