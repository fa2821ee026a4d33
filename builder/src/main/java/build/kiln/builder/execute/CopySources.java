package build.kiln.builder.execute;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.FileSource;
import build.kiln.builder.plan.Step;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.ContextDigest;
import build.kiln.builder.source.DockerIgnore;
import build.kiln.builder.source.FileMarks;
import build.kiln.builder.source.Selected;
import build.kiln.builder.source.http.HttpFile;
import build.kiln.builder.source.ignore.IgnoreFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// What one COPY or ADD reads. Files are looked for and hashed once, also if two threads ask for them.
final class CopySources {

    private final Step.Copy step;
    private final FileSources sources;
    private final ContextDigest digests;
    private final String place;
    private final Map<Step.CopySource.Files, List<Selected>> selected = new ConcurrentHashMap<>();
    private final Map<Step.CopySource.Files, Content> read = new LinkedHashMap<>();
    private final ReentrantLock reading = new ReentrantLock();

    /// What a source holds.
    private record Content(Digest digest, FileMarks.Collector files) {}

    /// @param place for failures: `Dockerfile:14`
    CopySources(Step.Copy step, FileSources sources, ContextDigest digests, String place) {
        this.step = step;
        this.sources = sources;
        this.digests = digests;
        this.place = place;
    }

    /// As [StepWork#identities].
    Map<String, Digest> identities() throws InterruptedException {
        Map<String, Digest> all = new LinkedHashMap<>();
        for (Step.CopySource source : step.sources()) {
            switch (source) {
                case Step.CopySource.Files files -> {
                    Optional<Digest> known = sources.identity(files.from());
                    all.put(name(files), known.isPresent() ? known.get() : content(files));
                }
                case Step.CopySource.Url url -> all.put(name(url), remote().identity(url, place));
                case Step.CopySource.Git git -> all.put(name(git), remote().identity(git, place));
                case Step.CopySource.Inline _ -> {}
            }
        }
        return all;
    }

    /// As [StepWork#contents].
    Map<String, Digest> contents() throws InterruptedException {
        Map<String, Digest> all = new LinkedHashMap<>();
        for (Step.CopySource source : step.sources()) {
            switch (source) {
                case Step.CopySource.Files files -> all.put(name(files), content(files));
                case Step.CopySource.Url url -> all.put(name(url), remote().content(url, place));
                case Step.CopySource.Git git -> {
                    BuildContext files = remote().open(git, place);
                    all.put(name(git), digests.of(files, select(files)));
                }
                case Step.CopySource.Inline _ -> {}
            }
        }
        return all;
    }

    /// Reads the files that the contents will be asked of; those that come from a stage, as soon as that is done. What
    /// goes wrong comes up again when they are asked for.
    void readAhead() throws InterruptedException {
        for (Step.CopySource source : step.sources()) {
            if (source instanceof Step.CopySource.Files files) {
                content(files);
            }
        }
    }

    /// The files behind the contents that were read.
    Map<String, FileMarks> files() {
        Map<String, FileMarks> all = new LinkedHashMap<>();
        reading.lock();
        try {
            read.forEach(
                    (files, content) -> all.put(name(files), content.files().listing()));
        } finally {
            reading.unlock();
        }
        return all;
    }

    RemoteFiles remote() {
        return sources.remote();
    }

    BuildContext open(Step.CopySource.Files files) throws InterruptedException {
        return sources.open(files.from());
    }

    /// Of two sources that are shown alike, the number tells which is which.
    private String name(Step.CopySource.Url url) {
        return (step.sources().indexOf(url) + 1) + ": " + HttpFile.shown(url.url());
    }

    private String name(Step.CopySource.Git git) {
        return (step.sources().indexOf(git) + 1) + ": " + git.repository().shown();
    }

    /// Not by what `--from` calls them: that may be another name tomorrow.
    private static String name(Step.CopySource.Files files) {
        return switch (files.from()) {
            case FileSource.Context() -> files.pattern();
            case FileSource.NamedContext _, FileSource.Stage _, FileSource.Image _ -> files.pattern() + " of --from";
            case FileSource.Empty() -> "nothing";
        };
    }

    /// All of a source.
    List<Selected> select(BuildContext files) {
        return files.select("/", excludes(), place);
    }

    /// The file of this name, whatever characters it has.
    List<Selected> selectOnly(BuildContext files, String name) {
        return files.select("/" + name.replaceAll("[\\\\*?\\[]", "\\\\$0"), excludes(), place);
    }

    /// The files that the step names.
    List<Selected> select(Step.CopySource.Files files) throws InterruptedException {
        List<Selected> known = selected.get(files);
        if (known == null) {
            BuildContext context = open(files);
            known = step.parents() ? withParents(context, files) : context.select(files.pattern(), excludes(), place);
            selected.put(files, known);
        }
        return known;
    }

    /// All that the pattern names below the pivot, as a walk over the pivot that leaves the rest out.
    private List<Selected> withParents(BuildContext context, Step.CopySource.Files files) {
        context.require(files.pivot() + files.pattern(), place);
        String below = files.pattern().substring(1);
        return context.select(
                files.pivot(), IgnoreFile.keepingOnly(place + ": COPY --parents", below, excludes()), place);
    }

    private DockerIgnore excludes() {
        return step.excludes().isEmpty()
                ? DockerIgnore.NOTHING
                : IgnoreFile.ofPatterns(place + ": --exclude", step.excludes());
    }

    private Digest content(Step.CopySource.Files files) throws InterruptedException {
        reading.lockInterruptibly();
        try {
            Content known = read.get(files);
            if (known == null) {
                FileMarks.Collector listing = new FileMarks.Collector();
                known = new Content(digests.of(open(files), select(files), listing), listing);
                read.put(files, known);
            }
            return known.digest();
        } finally {
            reading.unlock();
        }
    }
}
