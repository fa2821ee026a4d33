package build.kiln.builder.execute;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.Step;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// WORKDIR: makes the directory if it is missing; the layer is empty if it is not.
final class WorkdirWork implements StepWork {

    private final Step.Workdir step;
    private final StageWork stage;

    WorkdirWork(Step.Workdir step, StageWork stage) {
        this.step = step;
        this.stage = stage;
    }

    @Override
    public Map<String, Digest> identities() {
        return Map.of();
    }

    @Override
    public Map<String, Digest> contents() {
        return Map.of();
    }

    @Override
    public LayerMaker.Blob blob() {
        return stage.isInImage() ? LayerMaker.Blob.COMPRESSED : LayerMaker.Blob.PLAIN;
    }

    @Override
    public LayerMaker.Kept run(Progress.Activity activity, LayerMaker maker) {
        Layout layout = stage.newLayout();
        Owner owner = step.owner().isEmpty() ? Owner.ROOT : stage.owners().ofUser(step.owner(), step.label());
        try {
            layout.makeDirectories(layout.follow(step.path().getBytes(StandardCharsets.UTF_8)), owner, 0755);
        } catch (Conflict e) {
            throw stage.failure(
                    Reason.DestinationConflict,
                    step.label(),
                    "WORKDIR \"" + step.path() + "\" cannot be made: " + e.getMessage() + ".",
                    "Choose another directory, or remove what is there in a RUN before.");
        }
        return maker.make(layout::writeTo, blob());
    }
}
