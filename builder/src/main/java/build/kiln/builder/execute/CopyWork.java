package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.layer.Attributes;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.Step;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.FileMarks;
import build.kiln.builder.source.Selected;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// COPY, and ADD of files: context or stage straight into a layer; no root file system is touched.
///
/// With `--link` the layer is made as if nothing lay below it, so it is the same on every base.
final class CopyWork implements StepWork {

    private final Step.Copy step;
    private final CopySources sources;
    private final StageWork stage;
    private final Cache cache;
    private final List<AddedArchive> archives = new ArrayList<>();

    CopyWork(Step.Copy step, CopySources sources, StageWork stage, Cache cache) {
        this.step = step;
        this.sources = sources;
        this.stage = stage;
        this.cache = cache;
    }

    @Override
    public Map<String, Digest> identities() throws InterruptedException {
        return sources.identities();
    }

    @Override
    public Map<String, Digest> contents() throws InterruptedException {
        return sources.contents();
    }

    @Override
    public Map<String, FileMarks> files() {
        return sources.files();
    }

    @Override
    public LayerMaker.Blob blob() {
        return stage.isInImage() ? LayerMaker.Blob.COMPRESSED : LayerMaker.Blob.PLAIN;
    }

    @Override
    public LayerMaker.Kept run(Progress.Activity activity, LayerMaker maker) throws InterruptedException {
        Layout layout = step.link() ? Layout.onNothing(stage.epoch()) : stage.newLayout();
        Optional<Owner> owner = step.chown() == null
                ? Optional.empty()
                : Optional.of(stage.owners().ofChown(step.chown(), step.label()));
        Optional<Chmod> chmod = step.chmod() == null ? Optional.empty() : Optional.of(parseChmod(step.chmod()));
        CopyLayout copy = new CopyLayout(
                layout,
                step.destination().getBytes(StandardCharsets.UTF_8),
                owner,
                chmod,
                step.parents() ? CopyLayout.Existing.TAKES_MODE : CopyLayout.Existing.REPLACED,
                stage.digests());
        try {
            for (Step.CopySource source : step.sources()) {
                place(copy, source);
            }
            return maker.make(layout::writeTo, blob());
        } finally {
            archives.forEach(AddedArchive::close);
        }
    }

    private void place(CopyLayout copy, Step.CopySource source) throws InterruptedException {
        try {
            switch (source) {
                case Step.CopySource.Files files ->
                    place(copy, sources.open(files), sources.select(files), files.unpack());
                case Step.CopySource.Inline(String name, String text) ->
                    copy.write(name, new Attributes(0644, 0, 0, stage.epoch()), text.getBytes(StandardCharsets.UTF_8));
                case Step.CopySource.Url url -> {
                    BuildContext files = sources.remote().open(url, place());
                    place(copy, files, sources.selectOnly(files, url.name()), url.unpack());
                }
                case Step.CopySource.Git git -> {
                    BuildContext files = sources.remote().open(git, place());
                    place(copy, files, sources.select(files), false);
                }
            }
        } catch (Conflict e) {
            throw failure(e);
        } catch (IOException e) {
            throw LayerStore.diskFull(stage.workspace(), e);
        }
    }

    private void place(CopyLayout copy, BuildContext context, List<Selected> selected, boolean unpack)
            throws IOException {
        for (Selected one : selected) {
            if (unpack && !one.isDirectory() && AddedArchive.isOne(one.file())) {
                archives.add(copy.unpack(one.file(), cache));
            } else {
                copy.copy(context, one);
            }
        }
    }

    private String place() {
        return stage.place(step.label());
    }

    private Chmod parseChmod(String text) {
        try {
            return Chmod.parse(text);
        } catch (IllegalArgumentException e) {
            throw stage.dockerfileFailure(
                    step.label(), "--chmod=" + e.getMessage() + ".", "Write it as chmod(1) has it.");
        }
    }

    private BuildFailure failure(Conflict conflict) {
        return stage.failure(
                Reason.DestinationConflict,
                step.label(),
                "\"" + step.label().text() + "\" cannot put its files there: " + conflict.getMessage() + ".",
                conflict.advice());
    }
}
