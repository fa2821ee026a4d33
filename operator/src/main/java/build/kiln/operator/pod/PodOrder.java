package build.kiln.operator.pod;

import build.kiln.protocol.BuildRequest;
import java.time.Duration;
import java.util.Optional;

/// Which attempt at what a pod is for, and where its cache is.
///
/// @param firstAttempt the first of the attempts that go on from each other
/// @param timeout `spec.timeout` as a duration
/// @param verifyTimeout `spec.verify.timeout` as a duration; zero where there is nothing to verify
/// @param memory the memory limit of the builder; empty if it is that of the spec or of the defaults
/// @param cache empty for a cache that ends with the pod
/// @param artifact what a Flux source has; empty for other sources, and for pods that need none
public record PodOrder(
        PodPart part,
        long generation,
        int attempt,
        int firstAttempt,
        Duration timeout,
        Duration verifyTimeout,
        Optional<String> memory,
        Optional<CacheUse> cache,
        Optional<BuildRequest.Source.Flux> artifact) {

    /// For a source that is not Flux's.
    public PodOrder(
            PodPart part,
            long generation,
            int attempt,
            int firstAttempt,
            Duration timeout,
            Duration verifyTimeout,
            Optional<String> memory,
            Optional<CacheUse> cache) {
        this(part, generation, attempt, firstAttempt, timeout, verifyTimeout, memory, cache, Optional.empty());
    }

    /// For a pod that needs nothing of what a build needs.
    public static PodOrder small(PodPart part, long generation, Duration timeout) {
        return new PodOrder(part, generation, 0, 0, timeout, Duration.ZERO, Optional.empty(), Optional.empty());
    }
}
