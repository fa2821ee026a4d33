package build.kiln.operator.status;

import build.kiln.crds.BaseImagesCheck;
import build.kiln.crds.BuildStatus;
import build.kiln.crds.Condition;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.operator.policy.BaseImages;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An Event to be: the same word and the same sentence as the condition that changed, or as the look at base images.
///
/// @param isWarning somebody may have to do something
/// @param occasion the same for the same change, so that an Event is not made twice
public record Announcement(String reason, String message, boolean isWarning, String occasion) {

    static Optional<Announcement> of(ImageBuild build, ImageBuildStatus next) {
        ImageBuildStatus old = build.getStatus() == null ? ImageBuildStatus.NONE : build.getStatus();
        Optional<Condition> before = succeeded(old.conditions());
        Optional<Condition> after = succeeded(next.conditions());
        if (after.isEmpty()) {
            return look(old.baseImagesCheck(), next.baseImagesCheck());
        }
        boolean isSame = before.isPresent()
                && before.get().reason().equals(after.get().reason())
                && before.get().status() == after.get().status()
                && Objects.equals(attempt(old), attempt(next));
        if (isSame) {
            return look(old.baseImagesCheck(), next.baseImagesCheck());
        }
        Condition condition = after.get();
        boolean isWarning = condition.status() == Condition.Status.False
                || next.conditions().stream().anyMatch(c -> c.type().equals(Conditions.STALLED))
                || List.of(
                                "Retrying",
                                "PushPending",
                                "Unschedulable",
                                "VolumeUnavailable",
                                "BuilderImageUnavailable",
                                "BuilderNotStarted",
                                "QuotaExceeded")
                        .contains(condition.reason());
        return Optional.of(new Announcement(
                condition.reason(),
                condition.message(),
                isWarning,
                next.observedGeneration() + "/" + attempt(next) + "/" + condition.reason() + "/"
                        + next.rebuildRequestedAt()));
    }

    /// That base images were looked at. It changes no condition.
    private static Optional<Announcement> look(@Nullable BaseImagesCheck before, @Nullable BaseImagesCheck after) {
        if (after == null || after.equals(before)) {
            return Optional.empty();
        }
        boolean isAnswer =
                after.result().equals(BaseImages.UP_TO_DATE) || after.result().equals(BaseImages.MOVED);
        return Optional.of(
                new Announcement(after.result(), after.message(), !isAnswer, "baseImages/" + after.checkedAt()));
    }

    private static Optional<Condition> succeeded(List<Condition> conditions) {
        return conditions.stream()
                .filter(c -> c.type().equals(Conditions.SUCCEEDED))
                .findFirst();
    }

    private static String attempt(ImageBuildStatus status) {
        BuildStatus build = status.build();
        // To look again whether a Secret was mended is no news each time.
        return build == null
                ? ""
                : (build.rechecks() == null ? build.attempt() : build.firstAttempt()) + "-" + build.startedAt();
    }
}
