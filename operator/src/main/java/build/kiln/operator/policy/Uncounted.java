package build.kiln.operator.policy;

import build.kiln.crds.BuildStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The attempts of a build that do not count as retries.
///
/// @param pendingPushes how many had done all steps, and could not push
/// @param outOfMemoryWith the memory limits of those that ran out of memory, in their order
/// @param rechecks how many failed for what may be a Secret's fault
/// @param evictions how many Kueue took away
/// @param refusals how many their node refused their isolation
public record Uncounted(int pendingPushes, List<String> outOfMemoryWith, int rechecks, int evictions, int refusals) {

    public static final Uncounted NONE = new Uncounted(0, List.of(), 0, 0, 0);

    public Uncounted {
        outOfMemoryWith = List.copyOf(outOfMemoryWith);
    }

    public static Uncounted of(BuildStatus build) {
        return new Uncounted(
                orZero(build.pendingPushes()),
                build.outOfMemoryWith(),
                orZero(build.rechecks()),
                orZero(build.evictions()),
                orZero(build.refusals()));
    }

    int total() {
        return pendingPushes + outOfMemoryWith.size() + rechecks + evictions + refusals;
    }

    Uncounted andOutOfMemoryWith(String limit) {
        List<String> limits = new ArrayList<>(outOfMemoryWith);
        limits.add(limit);
        return new Uncounted(pendingPushes, limits, rechecks, evictions, refusals);
    }

    /// With an attempt that was ended for a failure elsewhere, which is looked at again.
    public Uncounted andRecheck() {
        return new Uncounted(pendingPushes, outOfMemoryWith, rechecks + 1, evictions, refusals);
    }

    Uncounted andEviction() {
        return new Uncounted(pendingPushes, outOfMemoryWith, rechecks, evictions + 1, refusals);
    }

    Uncounted andRefusal() {
        return new Uncounted(pendingPushes, outOfMemoryWith, rechecks, evictions, refusals + 1);
    }

    /// The memory limit of the next attempt; empty if it is that of the spec.
    ///
    /// @param most `spec.retryWithMemory`
    public Optional<String> memory(@Nullable String most) {
        return outOfMemoryWith.isEmpty() || most == null
                ? Optional.empty()
                : Memory.more(outOfMemoryWith.getLast(), most).or(() -> Optional.of(outOfMemoryWith.getLast()));
    }

    private static int orZero(@Nullable Integer number) {
        return number == null ? 0 : number;
    }
}
