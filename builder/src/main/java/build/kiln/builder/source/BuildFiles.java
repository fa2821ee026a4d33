package build.kiln.builder.source;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.source.Beneath.Answer;
import build.kiln.builder.source.Beneath.Boundary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What a build starts from: the context's folder, the Dockerfile, and the rules of what to leave out.
///
/// @param context the folder
/// @param ignoreFile `<Dockerfile>.dockerignore` beside the Dockerfile, else the context's `.dockerignore`; null
///     if there is neither
public record BuildFiles(
        Path context, Text dockerfile, @Nullable Text ignoreFile) {

    /// A text and the name that the user knows it by.
    public record Text(String name, String content) {}

    private static final String DOCKERFILE = "Dockerfile";
    private static final String IGNORE_SUFFIX = ".dockerignore";
    private static final int MOST_BYTES = 16 << 20;

    /// Finds all of it below the root of a source.
    ///
    /// An empty path of the Dockerfile stands for `Dockerfile`, or `dockerfile` if that is the name that is
    /// there.
    ///
    /// @param contextDir below `sourceRoot`
    /// @param dockerfile below `contextDir`
    /// @throws build.kiln.builder.failure.BuildFailure `SourceNotFound` (no such folder), `DockerfileNotFound`,
    ///     `PathEscapes`
    public static BuildFiles find(Path sourceRoot, AskedPath contextDir, AskedPath dockerfile) {
        Path context = Folders.below(sourceRoot, contextDir, "the source");
        Beneath folder = new Beneath(context, Boundary.REFUSE);
        try {
            Path name = dockerfileIn(folder, dockerfile);
            Path file = found(folder, name, dockerfile);
            return new BuildFiles(
                    context,
                    new Text(name.toString(), read(file, dockerfile)),
                    ignoreFile(folder, name.resolveSibling(name.getFileName() + IGNORE_SUFFIX), dockerfile.place()));
        } catch (IOException e) {
            throw Unreadable.failure(dockerfile.place(), context, e);
        }
    }

    /// For the command line, whose Dockerfile may lie anywhere.
    ///
    /// @param context a folder
    /// @throws build.kiln.builder.failure.BuildFailure `DockerfileNotFound`, `PathEscapes`
    public static BuildFiles findOutside(Path context, AskedPath dockerfile) {
        Path file = Path.of(dockerfile.path());
        try {
            if (!Files.isRegularFile(file)) {
                throw notFound(dockerfile, "there is no file \"" + dockerfile.path() + "\".");
            }
            Path beside = file.resolveSibling(file.getFileName() + IGNORE_SUFFIX);
            Text ignore = Files.isRegularFile(beside)
                    ? new Text(beside.getFileName().toString(), read(beside, dockerfile))
                    : ignoreFile(
                            new Beneath(context.toRealPath(), Boundary.REFUSE),
                            Path.of(IGNORE_SUFFIX),
                            dockerfile.place());
            return new BuildFiles(
                    context.toRealPath(), new Text(file.getFileName().toString(), read(file, dockerfile)), ignore);
        } catch (IOException e) {
            throw Unreadable.failure(dockerfile.place(), file, e);
        }
    }

    /// The `.dockerignore` of a folder that is a context of its own name; null if it has none.
    ///
    /// @throws build.kiln.builder.failure.BuildFailure `PathEscapes`, `SourceDenied`, `SourceUnavailable`
    public static @Nullable Text ignoreFileIn(Path folder, String place) {
        try {
            return ignoreFile(new Beneath(folder.toRealPath(), Boundary.REFUSE), Path.of(IGNORE_SUFFIX), place);
        } catch (IOException e) {
            throw Unreadable.failure(place, folder, e);
        }
    }

    /// A Dockerfile that came alone.
    ///
    /// @throws SourceFailure `DockerfileInvalid` if it is too large to be one
    public static Text readDockerfile(Path file, AskedPath asked) throws IOException {
        return new Text(DOCKERFILE, read(file, asked));
    }

    private static Path dockerfileIn(Beneath folder, AskedPath asked) throws IOException {
        String path = asked.path().replaceFirst("^/+", "");
        if (!path.isEmpty() && !path.equals(DOCKERFILE)) {
            return PathBytes.relative(path).normalize();
        }
        Path lower = Path.of("dockerfile");
        boolean onlyLower = folder.follow(Path.of(DOCKERFILE)) instanceof Answer.Missing
                && folder.follow(lower) instanceof Answer.Found;
        return onlyLower ? lower : Path.of(DOCKERFILE);
    }

    private static Path found(Beneath folder, Path name, AskedPath asked) throws IOException {
        return switch (folder.follow(name)) {
            case Answer.Found found when found.stat().kind() == FileKind.FILE -> found.location();
            case Answer.Found _ -> throw notFound(asked, "\"" + name + "\" is not a file.");
            case Answer.Missing missing ->
                throw notFound(asked, "there is no \"" + name + "\" in the build context." + Folders.nearest(missing));
            case Answer.Escapes escape ->
                throw Folders.escapes(new AskedPath(name.toString(), asked.place()), escape, "the build context");
            case Answer.Circle circle -> throw notFound(asked, "the link \"" + circle.link() + "\" leads in a circle.");
        };
    }

    private static @Nullable Text ignoreFile(Beneath folder, Path ownName, String place) throws IOException {
        for (Path name : new Path[] {ownName, Path.of(IGNORE_SUFFIX)}) {
            AskedPath asked = new AskedPath(name.toString(), place);
            if (folder.follow(name) instanceof Answer.Escapes escape) {
                throw Folders.escapes(asked, escape, "the build context");
            }
            if (folder.follow(name) instanceof Answer.Found found
                    && found.stat().kind() == FileKind.FILE) {
                return new Text(name.toString(), read(found.location(), asked));
            }
        }
        return null;
    }

    private static String read(Path file, AskedPath asked) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new SourceFailure(
                        Reason.DockerfileInvalid,
                        asked.place(),
                        "\"" + asked.path() + "\" is larger than 16 MiB.",
                        "Name a Dockerfile.");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static SourceFailure notFound(AskedPath asked, String fact) {
        return new SourceFailure(
                Reason.DockerfileNotFound,
                asked.place(),
                fact,
                "Add the Dockerfile, or name the one to build with in " + asked.place() + ".");
    }
}
