package build.kiln.operator.policy;

import java.time.Instant;
import java.util.Optional;

/// One try at one build.
///
/// @param generation what is built
/// @param number counted on within a generation, part of the pod's name
/// @param first the number of this build's first attempt
/// @param why the build that it is a try at was started
/// @param rebuildRequestedAt the value of the annotation that this build answers; null if there is none
/// @param uncounted the attempts of this build before it that are no retries
/// @param buildStartedAt when this build's first attempt started; empty if this is the first
public record Attempt(
        long generation,
        int number,
        int first,
        BuildReason why,
        @org.jspecify.annotations.Nullable String rebuildRequestedAt,
        Uncounted uncounted,
        Optional<Instant> buildStartedAt) {

    public Attempt(
            long generation,
            int number,
            int first,
            BuildReason why,
            @org.jspecify.annotations.Nullable String rebuildRequestedAt,
            Optional<Instant> buildStartedAt) {
        this(generation, number, first, why, rebuildRequestedAt, Uncounted.NONE, buildStartedAt);
    }

    /// The same attempt at a build that began then.
    public Attempt startedAt(Instant start) {
        return new Attempt(generation, number, first, why, rebuildRequestedAt, uncounted, Optional.of(start));
    }

    public boolean isRetry() {
        return number > first;
    }
}
