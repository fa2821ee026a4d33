package build.kiln.builder.plan;

import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.History;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.Platform;
import java.time.Instant;
import java.util.List;

/// One stage: what it starts from, its steps in order, and the image config that they lead to.
///
/// @param index of the stage in the Dockerfile, counted from 0
/// @param name its name after AS; `stage-<index>` if it has none
/// @param image the config after all steps; its history is complete, its DiffIDs are the base's alone, and it has a
///     time only if no instruction changed it
/// @param platform that its RUNs run on; the finished image of the target may call itself another one
public record PlannedStage(
        int index, String name, StageBase base, List<Step> steps, ImageConfig image, Platform platform) {

    public PlannedStage {
        steps = List.copyOf(steps);
    }

    /// A stage that runs on what its image calls itself.
    public PlannedStage(int index, String name, StageBase base, List<Step> steps, ImageConfig image) {
        this(index, name, base, steps, image, image.platform());
    }

    /// The finished config. An image that no instruction changed is as old as it was.
    ///
    /// @param diffIds of all layers, the base's first
    /// @param created the time that every new history entry and the config get
    public ImageConfig finished(List<DiffId> diffIds, Instant created) {
        Instant before = image.created();
        List<History> history = image.history().stream()
                .map(one -> one.created() != null
                        ? one
                        : new History(created, one.createdBy(), one.author(), one.comment(), one.emptyLayer()))
                .toList();
        return new ImageConfig(
                before != null ? before : created, image.author(), image.platform(), image.config(), diffIds, history);
    }
}
