package build.kiln.builder.source;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.source.Beneath.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Finds what one source of a COPY or ADD names.
final class Selection {

    private final Beneath context;
    private final DockerIgnore rules;
    private final String contextName;
    private final String pattern;
    private final DockerIgnore excludes;
    private final String place;
    private final List<Selected> selected = new ArrayList<>();

    Selection(
            Beneath context,
            DockerIgnore rules,
            String contextName,
            String pattern,
            DockerIgnore excludes,
            String place) {
        this.context = context;
        this.rules = rules;
        this.contextName = contextName;
        this.pattern = pattern;
        this.excludes = excludes;
        this.place = place;
    }

    List<Selected> selected() {
        List<String> names = cleaned();
        int plain = 0;
        while (plain < names.size() && !GoPattern.hasWildcards(names.get(plain))) {
            plain++;
        }
        Path start = plain == 0 ? Beneath.EMPTY : PathBytes.relative(String.join("/", names.subList(0, plain)));
        List<GoPattern> wild = patterns(names.subList(plain, names.size()));
        try {
            if (wild.isEmpty()) {
                add(start);
            } else if (context.follow(start) instanceof Answer.Found found
                    && found.stat().kind() == FileKind.DIRECTORY
                    && visible(found)) {
                match(found.path(), wild);
            }
        } catch (IOException e) {
            throw Unreadable.failure(place, context.location(start), e);
        }
        return List.copyOf(selected);
    }

    /// The pattern's names without `.`, with `..` taken away along with the name before it.
    private List<String> cleaned() {
        List<String> names = new ArrayList<>();
        for (String name : pattern.split("/", -1)) {
            switch (name) {
                case "", "." -> {}
                case ".." -> {
                    if (!names.isEmpty()) {
                        names.removeLast();
                    } else if (context.boundary() == Beneath.Boundary.REFUSE) {
                        throw escapes("\"" + pattern + "\" climbs out of " + contextName + " with \"..\".");
                    }
                }
                default -> {
                    if (name.indexOf('\0') >= 0) {
                        throw notFound("\"" + pattern.replace("\0", "\\0") + "\" has a NUL character in it.", "");
                    }
                    names.add(name);
                }
            }
        }
        return names;
    }

    private List<GoPattern> patterns(List<String> names) {
        List<GoPattern> patterns = new ArrayList<>();
        for (String name : names) {
            try {
                patterns.add(GoPattern.parse(name));
            } catch (GoPattern.Malformed e) {
                throw notFound(
                        "\"" + pattern + "\" is not a pattern: " + e.getMessage() + ".",
                        "Write [[] for a bracket that is part of a name, and \\\\ for a backslash.");
            }
        }
        return patterns;
    }

    private void match(Path directory, List<GoPattern> wild) throws IOException {
        for (Path name : Walk.names(context.location(directory))) {
            if (!wild.getFirst().matches(name.toString())) {
                continue;
            }
            Path path = directory.resolve(name);
            if (wild.size() > 1) {
                if (FileStat.of(context.location(path)).kind() == FileKind.DIRECTORY) {
                    match(path, wild.subList(1, wild.size()));
                }
            } else if (shown(path)) {
                add(path);
            }
        }
    }

    private void add(Path path) throws IOException {
        switch (context.follow(path)) {
            case Answer.Found found -> {
                if (!visible(found)) {
                    throw ignored(path, found);
                }
                Path name = path.equals(Beneath.EMPTY) ? path : path.getFileName();
                if (found.stat().kind() != FileKind.DIRECTORY && excludes.ignores(name.toString())) {
                    return;
                }
                ContextFile file = ContextFile.of(context, found.path(), Beneath.EMPTY, found.stat());
                selected.add(new Selected(name, found.path(), file, excludes, place));
            }
            case Answer.Missing missing -> throw missing(path, missing);
            case Answer.Escapes escape -> throw escapes(way(path, escape));
            case Answer.Circle circle ->
                throw notFound(
                        "\"" + path + "\" cannot be followed: the link \"" + circle.link() + "\" leads in a circle.",
                        "Let the link name a file.");
        }
    }

    private boolean visible(Answer.Found found) throws IOException {
        for (Path link : found.links()) {
            if (rules.ignores(link.toString())) {
                return false;
            }
        }
        return shown(found.path());
    }

    private boolean shown(Path path) throws IOException {
        return path.equals(Beneath.EMPTY)
                || !rules.ignores(path.toString())
                || (FileStat.of(context.location(path)).kind() == FileKind.DIRECTORY
                        && Walk.keepsSomething(context, rules, path));
    }

    private String way(Path path, Answer.Escapes escape) {
        if (escape.link() == null) {
            return "\"" + path + "\" climbs out of " + contextName + ".";
        }
        String subject = escape.link().equals(path)
                ? "\"" + path + "\" is a link"
                : "\"" + path + "\" goes through \"" + escape.link() + "\", a link";
        return subject + " to \"" + escape.target() + "\", which is outside of " + contextName + ".";
    }

    private SourceFailure escapes(String fact) {
        return new SourceFailure(
                Reason.PathEscapes,
                place,
                fact,
                "Only files below its root can be copied; move the file there, or build from a folder higher up.");
    }

    private SourceFailure missing(Path path, Answer.Missing missing) throws IOException {
        Path wanted = missing.path().resolve(missing.name());
        String fact = wanted.equals(path)
                ? "\"" + path + "\" is not in " + contextName + "."
                : "\"" + path + "\" is not in " + contextName + ": there is no \"" + wanted + "\".";
        boolean folder = FileStat.of(missing.folder()).kind() == FileKind.DIRECTORY;
        List<String> siblings = folder
                ? Walk.names(missing.folder()).stream().map(Path::toString).toList()
                : List.of();
        String near = Nearest.to(missing.name().toString(), siblings)
                .map(name -> " The nearest name there is \"" + missing.path().resolve(PathBytes.relative(name)) + "\".")
                .orElse("");
        return notFound(
                fact + near, "Correct the path, or add the file; paths start at the root of " + contextName + ".");
    }

    private SourceFailure ignored(Path path, Answer.Found found) {
        Path hidden = found.links().stream()
                .filter(link -> rules.ignores(link.toString()))
                .findFirst()
                .orElse(found.path());
        DockerIgnore.Rule rule = rules.ruleFor(hidden.toString());
        if (rule == null) {
            return notFound("\"" + path + "\" is not in " + contextName + ".", "");
        }
        return notFound(
                "\"" + path + "\" is not in " + contextName + ": the file is there, but " + rule.file() + " line "
                        + rule.line() + " (\"" + rule.pattern() + "\") leaves it out.",
                "Remove that line, or add the line \"!" + hidden + "\" below it.");
    }

    private SourceFailure notFound(String fact, String advice) {
        return new SourceFailure(Reason.FileNotFound, place, fact, advice);
    }
}
