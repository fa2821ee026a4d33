package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.SeenFile;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.GitReference;
import build.kiln.builder.plan.Step;
import build.kiln.builder.provenance.Material;
import build.kiln.builder.source.AskedPath;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.GitSource;
import build.kiln.builder.source.git.GitTokens;
import build.kiln.builder.source.http.HttpFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What an ADD names that lies elsewhere: files behind URLs and git repositories. Each is fetched once a build at the
/// most, and not at all where its server says that it is what an earlier build has seen.
public final class RemoteFiles {

    private final Path work;
    private final Supplier<Cache> cache;
    private final GitTokens tokens;
    private final Progress progress;
    private final SingleFlight<Step.CopySource.Url, Digest> seen = new SingleFlight<>();
    private final SingleFlight<Step.CopySource.Url, HttpFile.Answer.Fetched> files = new SingleFlight<>();
    private final SingleFlight<Step.CopySource.Git, Digest> commits = new SingleFlight<>();
    private final SingleFlight<Step.CopySource.Git, SourceTree> repositories = new SingleFlight<>();
    private final Map<String, String> revisions = new ConcurrentSkipListMap<>();

    /// @param work a folder that exists as long as the build runs
    /// @param cache which knows what URLs had when they were fetched last
    /// @param tokens secrets for private repositories
    public RemoteFiles(Path work, Supplier<Cache> cache, GitTokens tokens, Progress progress) {
        this.work = work;
        this.cache = cache;
        this.tokens = tokens;
        this.progress = progress;
    }

    /// The identity of a file, which is its content and the time that it gets in the layer; asks the server unless a
    /// checksum says it.
    ///
    /// @param place of the instruction: `Dockerfile:4`
    Digest identity(Step.CopySource.Url url, String place) {
        Digest promised = checksum(url);
        if (promised != null) {
            is(url, promised);
        }
        return promised != null ? promised : seen.get(url, () -> ask(url, place));
    }

    private void is(Step.CopySource.Url url, Digest content) {
        revisions.put(HttpFile.shown(url.url()), content.toString());
    }

    /// What the build has read so far, by its URI: a digest of its content, or a commit.
    public Map<String, String> revisions() {
        return Map.copyOf(revisions);
    }

    /// As [#identity], of the file that is here then.
    Digest content(Step.CopySource.Url url, String place) {
        Digest promised = checksum(url);
        Digest found = identity(file(url, place));
        return promised != null ? promised : found;
    }

    /// The identity of the commit that a repository's revision names; fetches it only if its server cannot tell.
    Digest identity(Step.CopySource.Git git, String place) {
        return commits.get(git, () -> {
            GitSource source = source(git.repository(), git.keepGitDir(), git.checksum(), place);
            String commit = source.identity(newFolder())
                    .orElseGet(() -> String.valueOf(repository(git, place).revision()));
            revisions.put(
                    Material.gitUri(git.repository().url(), git.repository().revision()), commit);
            // The folder .git says where the commit is from, and by what name.
            String from = keepsGitFolder(git.repository(), git.keepGitDir())
                    ? "\n" + git.repository().shown() + "\n" + git.repository().revision()
                    : "";
            return Digest.of(("git " + commit + from).getBytes(StandardCharsets.UTF_8));
        });
    }

    /// The one file of a URL.
    BuildContext open(Step.CopySource.Url url, String place) {
        return BuildContext.ofRemote(file(url, place).tree().root(), HttpFile.shown(url.url()));
    }

    /// A repository's files.
    BuildContext open(Step.CopySource.Git git, String place) {
        return BuildContext.ofRemote(
                repository(git, place).root(),
                "the repository " + git.repository().shown());
    }

    /// When what an ADD names was changed: a commit's time, what a server says of a file, or else, of an archive, the
    /// time of its newest entry. Null if nobody says.
    ///
    /// @param place that asks, for messages
    public @Nullable Instant time(Step.CopySource source, String place) {
        return switch (source) {
            case Step.CopySource.Git git -> repository(git, place).time();
            case Step.CopySource.Url url -> time(file(url, place), HttpFile.shown(url.url()), place);
            case Step.CopySource.Files _, Step.CopySource.Inline _ -> null;
        };
    }

    /// The same of a file that was fetched.
    static @Nullable Instant time(HttpFile.Answer.Fetched fetched, String shown, String place) {
        Instant said = fetched.tree().time();
        ContextArchive archive = new ContextArchive(fetched.file(), shown, place);
        try {
            return said != null || !archive.isOne()
                    ? said
                    : archive.newestTime().orElse(null);
        } catch (IOException e) {
            throw LayerStore.diskFull(fetched.file(), e);
        }
    }

    /// The same of what a source has brought.
    public static @Nullable Instant time(Source source, SourceTree tree) {
        if (!(source instanceof HttpFile file) || file.name() == null) {
            return tree.time();
        }
        Path only = tree.root().resolve(file.name());
        return time(
                new HttpFile.Answer.Fetched(tree, only, Digest.of(new byte[0]), null), file.toString(), file.place());
    }

    /// A repository as the Dockerfile or the command line names it: submodules are fetched unless it says otherwise,
    /// and a
    /// commit is named by its whole id.
    ///
    /// @param tokens secrets for private repositories
    /// @param place that names it, for messages
    public static GitSource source(
            GitReference git,
            boolean keepGitDir,
            @Nullable String checksum,
            GitSource.Reach reach,
            GitTokens tokens,
            String place) {
        return new GitSource(
                git.url(),
                new GitSource.Wanted(
                        git.revision(),
                        checksum,
                        GitSource.Ids.WHOLE,
                        Boolean.FALSE.equals(git.submodules())
                                ? GitSource.Submodules.LEFT_OUT
                                : GitSource.Submodules.FETCHED,
                        keepsGitFolder(git, keepGitDir) ? GitSource.GitFolder.KEPT : GitSource.GitFolder.LEFT_OUT),
                reach,
                null,
                tokens,
                GitSource.Places.of(place));
    }

    private static boolean keepsGitFolder(GitReference git, boolean asked) {
        return asked && git.folder().isEmpty();
    }

    private GitSource source(GitReference git, boolean keepGitDir, @Nullable String checksum, String place) {
        return source(git, keepGitDir, checksum, GitSource.Reach.NETWORK, tokens, place);
    }

    private static @Nullable Digest checksum(Step.CopySource.Url url) {
        return url.checksum() == null ? null : Digest.parse(url.checksum());
    }

    private Digest ask(Step.CopySource.Url url, String place) {
        Optional<SeenFile> before = cache.get().seenFile(url.url());
        if (before.isEmpty()) {
            return identity(file(url, place));
        }
        HttpFile.Answer answer =
                http(url, place).fetch(newFolder(), before.get().entityTag());
        return switch (answer) {
            case HttpFile.Answer.Unchanged(Instant modified) -> {
                is(url, before.get().content());
                yield identity(
                        before.get().content(),
                        modified != null ? modified : before.get().modified());
            }
            case HttpFile.Answer.Fetched fetched -> identity(files.get(url, () -> remembered(url, fetched)));
        };
    }

    private static Digest identity(HttpFile.Answer.Fetched fetched) {
        return identity(fetched.content(), fetched.tree().time());
    }

    private static Digest identity(Digest content, @Nullable Instant modified) {
        return Digest.of(("file " + content + " of " + (modified == null ? Instant.EPOCH : modified))
                .getBytes(StandardCharsets.UTF_8));
    }

    private HttpFile.Answer.Fetched file(Step.CopySource.Url url, String place) {
        return files.get(url, () -> remembered(url, http(url, place).fetch(newFolder())));
    }

    private HttpFile.Answer.Fetched remembered(Step.CopySource.Url url, HttpFile.Answer.Fetched fetched) {
        if (checksum(url) == null) {
            is(url, fetched.content());
        }
        String tag = fetched.entityTag();
        if (tag != null) {
            cache.get()
                    .keep(
                            url.url(),
                            new SeenFile(tag, fetched.content(), fetched.tree().time()));
        }
        return fetched;
    }

    private static HttpFile http(Step.CopySource.Url url, String place) {
        return new HttpFile(url.url(), url.name(), checksum(url), place);
    }

    private SourceTree repository(Step.CopySource.Git git, String place) {
        return repositories.get(git, () -> {
            GitReference repository = git.repository();
            SourceTree tree =
                    source(repository, git.keepGitDir(), git.checksum(), place).obtain(newFolder());
            tree.warnings().forEach(progress::warning);
            return repository.folder().isEmpty() ? tree : tree.below(new AskedPath(repository.folder(), place));
        });
    }

    private Path newFolder() {
        try {
            return Files.createTempDirectory(Files.createDirectories(work), "fetched-");
        } catch (IOException e) {
            throw new PlatformFailure(
                    Reason.DiskFull,
                    work.toString(),
                    "no folder for what an ADD fetches can be made here: " + e + ".",
                    "Give it room or permission, or name another directory with --cache-dir.",
                    e);
        }
    }
}
