package build.kiln.builder.plan;

import build.kiln.builder.oci.Platform;
import java.util.List;

/// What was decided to do for one platform: the stages that the target needs, each after those that it reads from.
///
/// @param stages in dependency order; the last one is the target
/// @param baseImages every image that the plan reads, with the digest it was resolved to
/// @param warnings for the user, in the order of their lines
public record Plan(
        Platform platform, List<PlannedStage> stages, List<BaseImage> baseImages, List<PlanWarning> warnings) {

    public Plan {
        stages = List.copyOf(stages);
        baseImages = List.copyOf(baseImages);
        warnings = List.copyOf(warnings);
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
