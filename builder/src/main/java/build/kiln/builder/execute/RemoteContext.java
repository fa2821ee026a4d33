package build.kiln.builder.execute;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.AskedPath;
import build.kiln.builder.source.BuildContext;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.Unwritable;
import build.kiln.builder.source.http.HttpFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A build context that arrives as one file, from a URL or on standard input: a tar in any compression, or, where that
/// is allowed, a Dockerfile alone.
///
/// Owners are those of the archive. For one build: it remembers what the file was.
public final class RemoteContext implements Source {

    private static final String FILE = "context";

    /// Brings the file.
    private interface Transfer {
        HttpFile.Answer.Fetched fetch(Path work) throws IOException;
    }

    /// What becomes of a Dockerfile that came alone.
    private enum Alone {
        IN_CONTEXT,
        WITHOUT_CONTEXT,
        REFUSED
    }

    private final Transfer transfer;
    private final Alone alone;
    private final String shown;
    private final String place;
    private BuildFiles.@Nullable Text dockerfile;

    private RemoteContext(Transfer transfer, Alone alone, String shown, String place) {
        this.transfer = transfer;
        this.alone = alone;
        this.shown = shown;
        this.place = place;
    }

    /// A file behind a URL. A Dockerfile that it turns out to be is in the context by the name `context`.
    public static RemoteContext ofUrl(String url, String place) {
        HttpFile file = new HttpFile(url, FILE, null, place);
        return new RemoteContext(file::fetch, Alone.IN_CONTEXT, HttpFile.shown(url), place);
    }

    /// A tar behind a URL, and nothing else. Its digest is the revision.
    public static RemoteContext ofArchive(HttpFile file) {
        return new RemoteContext(
                work -> withWarning(file, file.fetch(work)), Alone.REFUSED, file.toString(), file.place());
    }

    private static HttpFile.Answer.Fetched withWarning(HttpFile file, HttpFile.Answer.Fetched fetched) {
        boolean readable = file.login().authorization() != null && file.url().startsWith("http:");
        SourceTree tree = fetched.tree();
        List<String> warnings = readable
                ? List.of("The credentials for " + file + " were sent over plain http, which everybody on the way can"
                        + " read. Use an https:// URL.")
                : List.of();
        return new HttpFile.Answer.Fetched(
                new SourceTree(tree.root(), tree.revision(), tree.time(), warnings),
                fetched.file(),
                fetched.content(),
                fetched.entityTag());
    }

    /// A file on standard input. The context of a Dockerfile that it turns out to be is empty.
    public static RemoteContext ofInput(InputStream in, String place) {
        return new RemoteContext(work -> received(in, work), Alone.WITHOUT_CONTEXT, "standard input", place);
    }

    private static HttpFile.Answer.Fetched received(InputStream in, Path work) throws IOException {
        Path folder = Files.createDirectories(work.resolve("files"));
        Path file = folder.resolve(FILE);
        Files.copy(in, file);
        return new HttpFile.Answer.Fetched(
                new SourceTree(folder, null, null, List.of()), file, Digest.of(new byte[0]), null);
    }

    @Override
    public SourceTree obtain(Path work) {
        try {
            HttpFile.Answer.Fetched fetched = transfer.fetch(work);
            ContextArchive archive = new ContextArchive(fetched.file(), shown, place);
            if (archive.isOne()) {
                return unpacked(archive, fetched, Files.createDirectory(work.resolve("unpacked")));
            }
            if (alone == Alone.REFUSED) {
                throw archive.noArchive();
            }
            dockerfile = BuildFiles.readDockerfile(fetched.file(), new AskedPath(FILE, place));
            return alone == Alone.IN_CONTEXT
                    ? fetched.tree()
                    : new SourceTree(Files.createDirectory(work.resolve("empty")), null, null, List.of());
        } catch (IOException e) {
            throw Unwritable.failure(place, work, e);
        }
    }

    private SourceTree unpacked(ContextArchive archive, HttpFile.Answer.Fetched fetched, Path folder)
            throws IOException {
        long leftOut = archive.unpack(folder);
        Instant said = fetched.tree().time();
        Instant time = said != null ? said : archive.newestTime().orElse(null);
        List<String> warnings = new ArrayList<>(fetched.tree().warnings());
        if (leftOut > 0) {
            warnings.add(leftOut + " owners, attributes or devices of the archive " + archive.name()
                    + " are not allowed here, and were left out.");
        }
        String revision = alone == Alone.REFUSED ? fetched.content().toString() : null;
        return new SourceTree(folder, revision, time, warnings, BuildContext.Owners.KEPT);
    }

    /// Dockerfile and context in what [#obtain] has brought.
    ///
    /// @param asked the Dockerfile's name in an archive
    /// @throws SourceFailure `DockerfileNotFound`
    public BuildFiles files(SourceTree tree, AskedPath asked) {
        BuildFiles.Text text = dockerfile;
        if (text == null) {
            return BuildFiles.find(tree.root(), new AskedPath(".", place), asked);
        }
        if (text.content().isBlank()) {
            throw new SourceFailure(
                    Reason.DockerfileNotFound,
                    place,
                    shown + " is empty: it is neither an archive nor a Dockerfile.",
                    "Send a tar of the build context, or a Dockerfile.");
        }
        return new BuildFiles(tree.root(), text, null);
    }
}
