package build.kiln.operator.imagebuild;

import build.kiln.operator.pod.CacheClaim;
import build.kiln.operator.pod.CacheUse;
import build.kiln.operator.policy.Reasons;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The claims that hold the caches of namespaces. Made when a build needs one for the first time, and never deleted.
final class CacheClaimsInCluster {

    private static final Logger LOG = LoggerFactory.getLogger(CacheClaimsInCluster.class);
    private static final String FIELDS = "Look at builder.cache of the chart (KILN_BUILDER_CACHE_… of the operator)";

    /// A claim that was there a moment ago still is: builds that start together do not each ask for it.
    private static final Duration KNOWN_FOR = Duration.ofSeconds(10);

    private record Known(CacheUse cache, Instant until) {}

    private final KubernetesClient client;
    private final Clock clock;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    CacheClaimsInCluster(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /// What became of the wish for a claim.
    sealed interface Claim {

        record Ready(Optional<CacheUse> cache) implements Claim {}

        /// It cannot be had now, and can later without anybody doing something.
        record Delayed(Reasons reason, String message) implements Claim {}

        /// The API server refuses it.
        record Refused(Reasons reason, String message) implements Claim {}

        /// The namespace is on its way out.
        record Pointless() implements Claim {}
    }

    /// The claim, made if there was none. One that is there is used as it is, whoever made it.
    ///
    /// @throws KubernetesClientException if the API server could not answer; to be tried again
    Claim ensure(String namespace, Optional<CacheClaim> wanted) {
        if (wanted.isEmpty()) {
            return new Claim.Ready(Optional.empty());
        }
        CacheClaim claim = wanted.get();
        String key = namespace + "/" + claim.name();
        Instant now = clock.instant();
        known.values().removeIf(k -> !k.until().isAfter(now));
        Known remembered = known.get(key);
        if (remembered != null) {
            return new Claim.Ready(Optional.of(remembered.cache()));
        }
        PersistentVolumeClaim found = get(namespace, claim.name());
        Claim answer = found == null ? create(namespace, claim) : ready(found);
        if (answer instanceof Claim.Ready(Optional<CacheUse> cache) && cache.isPresent()) {
            known.put(key, new Known(cache.get(), now.plus(KNOWN_FOR)));
        }
        return answer;
    }

    private @org.jspecify.annotations.Nullable PersistentVolumeClaim get(String namespace, String name) {
        return client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private static Claim ready(PersistentVolumeClaim claim) {
        return claim.getMetadata().getDeletionTimestamp() == null
                ? new Claim.Ready(Optional.of(CacheClaim.use(claim)))
                : new Claim.Delayed(
                        Reasons.VolumeUnavailable,
                        "Claim %s, which holds the cache, is being deleted; the build starts with a new one when it is gone."
                                .formatted(claim.getMetadata().getName()));
    }

    private Claim create(String namespace, CacheClaim claim) {
        try {
            PersistentVolumeClaim made =
                    client.resource(claim.desired(namespace)).create();
            LOG.atInfo()
                    .addKeyValue("namespace", namespace)
                    .addKeyValue("claim", claim.name())
                    .log("The claim for the cache was made");
            return ready(made);
        } catch (KubernetesClientException e) {
            String words = ApiWords.of(e);
            return switch (e.getCode()) {
                case 409 -> madeMeanwhile(namespace, claim.name());
                case 400, 403, 422 -> refused(claim, words);
                default -> throw e;
            };
        }
    }

    /// By another build that starts, or by somebody else.
    private Claim madeMeanwhile(String namespace, String name) {
        PersistentVolumeClaim found = get(namespace, name);
        return found != null
                ? ready(found)
                : new Claim.Delayed(
                        Reasons.VolumeUnavailable,
                        "Claim %s, which holds the cache, was there and is gone; it is made again.".formatted(name));
    }

    private static Claim refused(CacheClaim claim, String words) {
        if (ApiWords.isOfLeavingNamespace(words)) {
            return new Claim.Pointless();
        }
        if (ApiWords.isOfQuota(words)) {
            return new Claim.Delayed(
                    Reasons.QuotaExceeded,
                    "Claim %s, which is to hold the cache, has no room in the namespace's quota: %s. The build starts when there is. %s."
                            .formatted(claim.name(), words, FIELDS));
        }
        return new Claim.Refused(
                Reasons.VolumeUnavailable,
                "The API server refuses claim %s, which is to hold the cache: %s. %s; it is tried again every minute."
                        .formatted(claim.name(), words, FIELDS));
    }
}
