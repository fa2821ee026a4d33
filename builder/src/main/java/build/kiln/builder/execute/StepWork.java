package build.kiln.builder.execute;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.FileMarks;
import java.util.Map;

/// How one kind of step is looked up and run.
interface StepWork {

    /// What the step reads, by name, as far as it can be told without reading files of stages and images: enough for a
    /// key that hits when they are the same.
    Map<String, Digest> identities() throws InterruptedException;

    /// What the step reads, by name and content: a key that also hits when stages or images differ elsewhere.
    Map<String, Digest> contents() throws InterruptedException;

    /// The files behind the inputs whose contents were read, by the inputs' names; none where that does not say more.
    default Map<String, FileMarks> files() {
        return Map.of();
    }

    /// Runs the step.
    ///
    /// @param maker of the step's own layer
    LayerMaker.Kept run(Progress.Activity activity, LayerMaker maker) throws InterruptedException;

    /// What becomes of the layer's blob.
    LayerMaker.Blob blob();
}
