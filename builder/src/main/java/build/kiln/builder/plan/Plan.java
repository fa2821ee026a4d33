package build.kiln.builder.plan;

import build.kiln.builder.oci.Platform;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was decided to do for one platform: the stages that the target needs, each after those that it reads from.
///
/// @param stages in dependency order; the last one is the target
/// @param baseImages every image that the plan reads, with the digest it was resolved to
/// @param warnings for the user, in the order of their lines
/// @param epoch what `SOURCE_DATE_EPOCH` says, from the user or the Dockerfile; null if nobody said
/// @param hostname that every RUN sees; null if nobody said
public record Plan(
        Platform platform,
        List<PlannedStage> stages,
        List<BaseImage> baseImages,
        List<PlanWarning> warnings,
        @Nullable Instant epoch,
        @Nullable String hostname) {

    public Plan {
        stages = List.copyOf(stages);
        baseImages = List.copyOf(baseImages);
        warnings = List.copyOf(warnings);
    }

    /// A plan that says nothing of time and host name.
    public Plan(Platform platform, List<PlannedStage> stages, List<BaseImage> baseImages, List<PlanWarning> warnings) {
        this(platform, stages, baseImages, warnings, null, null);
    }

    public PlannedStage target() {
        return stages.getLast();
    }

    /// The stage with this index in the Dockerfile.
    public PlannedStage stage(int index) {
        return stages.stream()
                .filter(stage -> stage.index() == index)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("stage " + index + " is not part of the plan"));
    }
}
