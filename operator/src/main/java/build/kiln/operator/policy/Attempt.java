package build.kiln.operator.policy;

import build.kiln.protocol.BuildRequest;
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
/// @param artifact what a Flux source has, once that is known; empty for other sources
public record Attempt(
        long generation,
        int number,
        int first,
        BuildReason why,
        @org.jspecify.annotations.Nullable String rebuildRequestedAt,
        Uncounted uncounted,
        Optional<Instant> buildStartedAt,
        Optional<BuildRequest.Source.Flux> artifact) {

    public Attempt(
            long generation,
            int number,
            int first,
            BuildReason why,
            @org.jspecify.annotations.Nullable String rebuildRequestedAt,
            Uncounted uncounted,
            Optional<Instant> buildStartedAt) {
        this(generation, number, first, why, rebuildRequestedAt, uncounted, buildStartedAt, Optional.empty());
    }

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
        return new Attempt(generation, number, first, why, rebuildRequestedAt, uncounted, Optional.of(start), artifact);
    }

    /// The same attempt, of what a Flux source has now.
    public Attempt of(BuildRequest.Source.Flux source) {
        return new Attempt(
                generation, number, first, why, rebuildRequestedAt, uncounted, buildStartedAt, Optional.of(source));
    }

    public boolean isRetry() {
        return number > first;
    }
}
