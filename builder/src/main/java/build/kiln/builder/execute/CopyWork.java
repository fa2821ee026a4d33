package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.layer.Attributes;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.FileSource;
import build.kiln.builder.plan.Step;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.DockerIgnore;
import build.kiln.builder.source.FileMarks;
import build.kiln.builder.source.Selected;
import build.kiln.builder.source.http.HttpFile;
import build.kiln.builder.source.ignore.IgnoreFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// COPY, and ADD of files: context or stage straight into a layer; no root file system is touched.
///
/// With `--link` the layer is made as if nothing lay below it, so it is the same on every base.
final class CopyWork implements StepWork {

    private final Step.Copy step;
    private final StageWork stage;
    private final Cache cache;
    private final List<AddedArchive> archives = new ArrayList<>();
    private final Map<Step.CopySource.Files, List<Selected>> selected = new LinkedHashMap<>();

    private final Map<Step.CopySource.Files, Content> read = new LinkedHashMap<>();

    /// What a source holds.
    private record Content(Digest digest, FileMarks.Collector files) {}

    CopyWork(Step.Copy step, StageWork stage, Cache cache) {
        this.step = step;
        this.stage = stage;
        this.cache = cache;
    }

    @Override
    public Map<String, Digest> identities() throws InterruptedException {
        Map<String, Digest> all = new LinkedHashMap<>();
        for (Step.CopySource source : step.sources()) {
            switch (source) {
                case Step.CopySource.Files files -> {
                    Optional<Digest> known = stage.sources().identity(files.from());
                    all.put(name(files), known.isPresent() ? known.get() : content(files));
                }
                case Step.CopySource.Url url -> all.put(name(url), remote().identity(url, place()));
                case Step.CopySource.Git git -> all.put(name(git), remote().identity(git, place()));
                case Step.CopySource.Inline _ -> {}
            }
        }
        return all;
    }

    @Override
    public Map<String, Digest> contents() throws InterruptedException {
        Map<String, Digest> all = new LinkedHashMap<>();
        for (Step.CopySource source : step.sources()) {
            switch (source) {
                case Step.CopySource.Files files -> all.put(name(files), content(files));
                case Step.CopySource.Url url -> all.put(name(url), remote().content(url, place()));
                case Step.CopySource.Git git -> {
                    BuildContext files = remote().open(git, place());
                    all.put(name(git), stage.digests().of(files, select(files)));
                }
                case Step.CopySource.Inline _ -> {}
            }
        }
        return all;
    }

    private RemoteFiles remote() {
        return stage.sources().remote();
    }

    /// Of two sources that are shown alike, the number tells which is which.
    private String name(Step.CopySource.Url url) {
        return (step.sources().indexOf(url) + 1) + ": " + HttpFile.shown(url.url());
    }

    private String name(Step.CopySource.Git git) {
        return (step.sources().indexOf(git) + 1) + ": " + git.repository().shown();
    }

    @Override
    public Map<String, FileMarks> files() {
        Map<String, FileMarks> all = new LinkedHashMap<>();
        read.forEach((files, content) -> all.put(name(files), content.files().listing()));
        return all;
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
                    place(copy, stage.sources().open(files.from()), select(files), files.unpack());
                case Step.CopySource.Inline(String name, String text) ->
                    copy.write(name, new Attributes(0644, 0, 0, stage.epoch()), text.getBytes(StandardCharsets.UTF_8));
                case Step.CopySource.Url url -> {
                    BuildContext files = remote().open(url, place());
                    place(copy, files, selectOnly(files, url.name()), url.unpack());
                }
                case Step.CopySource.Git git -> {
                    BuildContext files = remote().open(git, place());
                    place(copy, files, select(files), false);
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

    private List<Selected> select(BuildContext files) {
        return files.select("/", excludes(), place());
    }

    private List<Selected> selectOnly(BuildContext files, String name) {
        return files.select("/" + name.replaceAll("[\\\\*?\\[]", "\\\\$0"), excludes(), place());
    }

    private List<Selected> select(Step.CopySource.Files files) throws InterruptedException {
        List<Selected> known = selected.get(files);
        if (known == null) {
            BuildContext context = stage.sources().open(files.from());
            known = step.parents() ? withParents(context, files) : select(context, files.pattern(), excludes());
            selected.put(files, known);
        }
        return known;
    }

    /// All that the pattern names below the pivot, as a walk over the pivot that leaves the rest out.
    private List<Selected> withParents(BuildContext context, Step.CopySource.Files files) {
        context.require(files.pivot() + files.pattern(), place());
        String below = files.pattern().substring(1);
        return select(context, files.pivot(), IgnoreFile.keepingOnly(place() + ": COPY --parents", below, excludes()));
    }

    private List<Selected> select(BuildContext context, String pattern, DockerIgnore excludes) {
        return context.select(pattern, excludes, place());
    }

    private String place() {
        return stage.place(step.label());
    }

    private DockerIgnore excludes() {
        return step.excludes().isEmpty()
                ? DockerIgnore.NOTHING
                : IgnoreFile.ofPatterns(place() + ": --exclude", step.excludes());
    }

    private Digest content(Step.CopySource.Files files) throws InterruptedException {
        Content known = read.get(files);
        if (known == null) {
            FileMarks.Collector listing = new FileMarks.Collector();
            known = new Content(
                    stage.digests().of(stage.sources().open(files.from()), select(files), listing), listing);
            read.put(files, known);
        }
        return known.digest();
    }

    private static String name(Step.CopySource.Files files) {
        return switch (files.from()) {
            case FileSource.Context() -> files.pattern();
            case FileSource.NamedContext(String name) -> name + ":" + files.pattern();
            case FileSource.Stage(int index) -> "stage " + index + ":" + files.pattern();
            case FileSource.Image(var image) -> image.name() + ":" + files.pattern();
            case FileSource.Empty() -> "nothing";
        };
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
