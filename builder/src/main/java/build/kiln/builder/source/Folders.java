package build.kiln.builder.source;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.source.Beneath.Answer;
import build.kiln.builder.source.Beneath.Boundary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Folders that a user names below one that is given.
final class Folders {

    private Folders() {}

    /// The folder at this path, links followed but never out of `root`.
    ///
    /// @param rootName as messages have it: `the volume`
    static Path below(Path root, AskedPath asked, String rootName) {
        try {
            String relative = asked.path().replaceFirst("^/+", "");
            Answer answer = new Beneath(root.toRealPath(), Boundary.REFUSE).follow(PathBytes.relative(relative));
            return switch (answer) {
                case Answer.Found found when found.stat().kind() == FileKind.DIRECTORY -> found.location();
                case Answer.Found _ ->
                    throw notFound(
                            asked, "\"" + asked.path() + "\" is a file, not a folder.", "Name the folder it is in.");
                case Answer.Missing missing -> throw missing(asked, missing, rootName);
                case Answer.Escapes escape -> throw escapes(asked, escape, rootName);
                case Answer.Circle circle ->
                    throw notFound(asked, "the link \"" + circle.link() + "\" leads in a circle.", "");
            };
        } catch (IOException e) {
            throw Unreadable.failure(asked.place(), root, e);
        }
    }

    static SourceFailure escapes(AskedPath asked, Answer.Escapes escape, String rootName) {
        String way = escape.link() == null
                ? "climbs out of " + rootName + "."
                : "leads out of " + rootName + ", by the link \"" + escape.link() + "\" to \"" + escape.target()
                        + "\".";
        return new SourceFailure(
                Reason.PathEscapes, asked.place(), "\"" + asked.path() + "\" " + way, "Name a path that stays inside.");
    }

    static String nearest(Answer.Missing missing) throws IOException {
        if (FileStat.of(missing.folder()).kind() != FileKind.DIRECTORY) {
            return "";
        }
        List<String> names =
                Walk.names(missing.folder()).stream().map(Path::toString).toList();
        return Nearest.to(missing.name().toString(), names)
                .map(name -> " The nearest name there is \"" + missing.path().resolve(PathBytes.relative(name)) + "\".")
                .orElse("");
    }

    private static SourceFailure missing(AskedPath asked, Answer.Missing missing, String rootName) throws IOException {
        return notFound(
                asked,
                "there is no folder \"" + asked.path() + "\" in " + rootName + "." + nearest(missing),
                "Correct the path; it starts at the root of " + rootName + ".");
    }

    private static SourceFailure notFound(AskedPath asked, String fact, String advice) {
        return new SourceFailure(Reason.SourceNotFound, asked.place(), fact, advice);
    }
}
