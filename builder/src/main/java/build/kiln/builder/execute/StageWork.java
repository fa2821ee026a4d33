package build.kiln.builder.execute;

import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.layer.FileTree;
import build.kiln.builder.layer.TreeEntry;
import build.kiln.builder.plan.PlannedStage;
import build.kiln.builder.plan.Step;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import build.kiln.builder.source.ContextDigest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Supplier;

/// What the steps of one stage work with, at the point where the stage has these layers.
///
/// @param parent the layers so far
/// @param isInImage whether the stage's layers are part of the image
record StageWork(
        BuildJob job,
        PlannedStage planned,
        Chain parent,
        boolean isInImage,
        LayerStore layers,
        LayerMaker maker,
        FileSources sources,
        ContextDigest digests,
        Supplier<Snapshots> snapshots,
        Path workspace,
        String dockerfileName) {

    Instant epoch() {
        return job.epoch();
    }

    /// Collects changes onto the stage's files. Reads tables of contents only.
    Layout newLayout() {
        FileTree tree = FileTree.of(layers.indexes(parent));
        return new Layout(path -> tree.lookup(path).map(TreeEntry::entry), job.epoch());
    }

    /// The stage's files, for one process to change.
    RootFilesystem mount() {
        return snapshots.get().mount(layers.directories(parent));
    }

    Owners owners() {
        return new Owners(this, () -> snapshots.get().view(layers.directories(parent)));
    }

    /// `Dockerfile:14`.
    String place(Step.Label label) {
        return dockerfileName + ":" + label.line();
    }

    DockerfileFailure failure(Reason reason, Step.Label label, String fact, String advice) {
        return new DockerfileFailure(reason, dockerfileName, label.line(), label.lineText(), fact, advice);
    }

    DockerfileFailure dockerfileFailure(Step.Label label, String fact, String advice) {
        return failure(Reason.DockerfileInvalid, label, fact, advice);
    }
}
