package build.kiln.builder.plan;

import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.History;
import build.kiln.builder.oci.ImageConfig;
import java.time.Instant;
import java.util.List;

/// One stage: what it starts from, its steps in order, and the image config that they lead to.
///
/// @param index of the stage in the Dockerfile, counted from 0
/// @param name its name after AS; `stage-<index>` if it has none
/// @param image the config after all steps; its history is complete, its DiffIDs are the base's alone
public record PlannedStage(int index, String name, StageBase base, List<Step> steps, ImageConfig image) {

    public PlannedStage {
        steps = List.copyOf(steps);
    }

    /// The finished config.
    ///
    /// @param diffIds of all layers, the base's first
    /// @param created the time that every new history entry and the config get
    public ImageConfig finished(List<DiffId> diffIds, Instant created) {
        List<History> history = image.history().stream()
                .map(one -> one.created() != null
                        ? one
                        : new History(created, one.createdBy(), one.author(), one.comment(), one.emptyLayer()))
                .toList();
        return new ImageConfig(
                created, image.author(), image.platform(), image.osVersion(), image.config(), diffIds, history);
    }
}
