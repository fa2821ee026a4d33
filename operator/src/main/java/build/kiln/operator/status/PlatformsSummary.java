package build.kiln.operator.status;

import build.kiln.crds.BaseImageStatus;
import build.kiln.crds.BuildStatus;
import build.kiln.crds.Condition;
import build.kiln.crds.Phase;
import build.kiln.crds.PlatformStatus;
import build.kiln.crds.SourceStatus;
import build.kiln.operator.policy.Reasons;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What several platforms come to together.
record PlatformsSummary(List<PlatformStatus> platforms) {

    /// Of what goes its way there is nothing to say that would come before what does not.
    private static final List<String> ORDINARY =
            List.of(Reasons.Building.name(), Reasons.Pushing.name(), Reasons.Queued.name());

    Phase phase() {
        List<Phase> open = platforms.stream()
                .map(PlatformStatus::phase)
                .filter(p -> p != Phase.Succeeded)
                .filter(Objects::nonNull)
                .toList();
        if (open.contains(Phase.Building)) {
            return Phase.Building;
        }
        return open.contains(Phase.Pushing) || open.isEmpty() ? Phase.Pushing : Phase.Queued;
    }

    /// Whether a platform does not go on until somebody does something.
    boolean isStalled() {
        return platforms.stream().anyMatch(p -> condition(p, Conditions.STALLED) != null);
    }

    /// Of the platform that most has to be said of.
    String reason() {
        List<String> reasons = platforms.stream()
                .filter(p -> p.phase() != Phase.Succeeded)
                .filter(p -> !isStalled() || condition(p, Conditions.STALLED) != null)
                .map(p -> condition(p, Conditions.READY))
                .filter(Objects::nonNull)
                .map(Condition::reason)
                .toList();
        return reasons.stream()
                .filter(r -> !ORDINARY.contains(r))
                .findFirst()
                .orElse(reasons.isEmpty() ? Reasons.Pushing.name() : reasons.getFirst());
    }

    String message() {
        return platforms.stream()
                .map(p -> p.platform() + ": " + text(condition(p, Conditions.READY)))
                .collect(Collectors.joining(" "));
    }

    /// `linux/amd64, linux/arm64`
    String names() {
        return platforms.stream().map(PlatformStatus::platform).collect(Collectors.joining(", "));
    }

    @Nullable
    String isolation() {
        List<String> rungs = platforms.stream()
                .map(PlatformStatus::isolation)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        return rungs.isEmpty() ? null : String.join(", ", rungs);
    }

    @Nullable
    SourceStatus source() {
        return platforms.stream()
                .map(PlatformStatus::source)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    List<BaseImageStatus> baseImages() {
        return platforms.stream()
                .flatMap(p -> p.baseImages().stream())
                .distinct()
                .toList();
    }

    /// Of the Flux artifact that the platforms are built from. One that was replaced meanwhile makes two, and so none
    /// that
    /// Flux could still have.
    ///
    /// @param startedAt that of the whole build: what a platform has of an earlier one does not count
    @Nullable
    String artifactDigest(@Nullable String startedAt) {
        List<String> digests = platforms.stream()
                .map(PlatformStatus::build)
                .filter(build -> build != null && Objects.equals(build.startedAt(), startedAt))
                .map(BuildStatus::artifactDigest)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        return digests.isEmpty() ? null : String.join(", ", digests);
    }

    /// `4/7` of all platforms together; null as long as there are no steps.
    @Nullable
    String steps() {
        return sum(BuildStatus::steps);
    }

    @Nullable
    String cached() {
        return sum(BuildStatus::cached);
    }

    private @Nullable String sum(Function<BuildStatus, @Nullable String> count) {
        int done = 0;
        int total = 0;
        for (PlatformStatus platform : platforms) {
            String text = platform.build() == null ? null : count.apply(platform.build());
            if (text != null) {
                done += Integer.parseInt(text.substring(0, text.indexOf('/')));
                total += Integer.parseInt(text.substring(text.indexOf('/') + 1));
            }
        }
        return total == 0 ? null : done + "/" + total;
    }

    private static String text(@Nullable Condition condition) {
        return condition == null ? "" : condition.message();
    }

    private static @Nullable Condition condition(PlatformStatus platform, String type) {
        return platform.conditions().stream()
                .filter(c -> c.type().equals(type))
                .findFirst()
                .orElse(null);
    }
}
