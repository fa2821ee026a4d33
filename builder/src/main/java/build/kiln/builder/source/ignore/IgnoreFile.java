package build.kiln.builder.source.ignore;

import build.kiln.builder.dockerfile.lint.LintFacts;
import build.kiln.builder.dockerfile.words.WhiteSpace;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.DockerIgnore;
import build.kiln.builder.source.ignore.PathPattern.BadPattern;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Reads a `.dockerignore` file.
///
/// A line is a pattern as in Go's `filepath.Match`, and `**` stands for any number of folders. A `!` in front
/// takes back in what lines above left out. The last line that matches a path, or one of the folders above it,
/// decides.
///
/// @see <a href="https://docs.docker.com/build/concepts/context/#dockerignore-files">.dockerignore files</a>
public final class IgnoreFile {

    private static final int MAX_LINE_BYTES = 64 * 1024;
    private static final Set<String> ALL = Set.of("*", "**", "**/*");
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    /// A line that is a pattern, in the form in which it is matched.
    ///
    /// @param number of the line, counted from 1
    /// @param written the line without blanks at its ends
    /// @param pattern cleaned, with its `!` if it has one
    record Line(int number, String written, String pattern) {}

    private IgnoreFile() {}

    /// @param file its name, for failures and for the rules' places
    /// @throws DockerfileFailure if a line is not a pattern
    public static DockerIgnore parse(String file, byte[] text) {
        return rules(file, lines(file, text));
    }

    /// The same file as the linter asks it. With an exception in it nothing is certain, so nothing counts as
    /// left out.
    ///
    /// @throws DockerfileFailure if a line is not a pattern
    public static LintFacts.IgnoredPaths forLint(String file, byte[] text) {
        List<Line> lines = lines(file, text);
        DockerIgnore rules = rules(file, lines);
        boolean exceptions = lines.stream().anyMatch(line -> line.pattern().startsWith("!"));
        boolean all = lines.stream().anyMatch(line -> ALL.contains(line.pattern()));
        return path -> {
            String clean = PathText.clean(path);
            boolean root = clean.equals(".") || clean.equals("/");
            return !exceptions && (root ? all : rules.ignores(clean));
        };
    }

    /// Patterns from elsewhere: the `--exclude` flags of a COPY or ADD.
    ///
    /// @param place what to name as the file in failures and rules; each pattern counts as one line
    /// @throws DockerfileFailure if one is not a pattern
    public static DockerIgnore ofPatterns(String place, List<String> patterns) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < patterns.size(); i++) {
            lines.add(new Line(i + 1, patterns.get(i), patterns.get(i)));
        }
        return rules(place, lines);
    }

    /// Leaves out all but what a pattern names, what is below that, and the folders on the way to it: a source of
    /// `COPY --parents`. What `excludes` leaves out stays out.
    ///
    /// @param pattern as in a `.dockerignore` file; an empty one names everything
    /// @throws DockerfileFailure if it is not a pattern
    public static DockerIgnore keepingOnly(String place, String pattern, DockerIgnore excludes) {
        return pattern.isEmpty()
                ? excludes
                : new EitherIgnores(ofPatterns(place, List.of("**", "!" + pattern)), excludes);
    }

    static List<Line> lines(String file, byte[] text) {
        List<Line> lines = new ArrayList<>();
        String whole = new String(text, StandardCharsets.UTF_8);
        int number = 0;
        for (String line : (whole.startsWith(BYTE_ORDER_MARK) ? whole.substring(1) : whole).split("\n", -1)) {
            number++;
            if (line.length() >= MAX_LINE_BYTES) {
                throw failure(
                        file,
                        new Line(number, line.substring(0, 80) + "…", ""),
                        "it is longer than " + MAX_LINE_BYTES + " bytes");
            }
            String written = WhiteSpace.strip(line);
            if (!line.startsWith("#") && !written.isEmpty()) {
                lines.add(new Line(number, written, clean(written)));
            }
        }
        return lines;
    }

    /// Patterns are relative to the context, so a slash in front means nothing.
    private static String clean(String written) {
        boolean exception = written.startsWith("!");
        String pattern = exception ? WhiteSpace.strip(written.substring(1)) : written;
        if (!pattern.isEmpty()) {
            pattern = PathText.clean(pattern);
            if (pattern.length() > 1 && pattern.startsWith("/")) {
                pattern = pattern.substring(1);
            }
        }
        return exception ? "!" + pattern : pattern;
    }

    private static DockerIgnore rules(String file, List<Line> lines) {
        List<IgnoreRules.One> rules = new ArrayList<>();
        for (Line line : lines) {
            String pattern = WhiteSpace.strip(line.pattern());
            if (pattern.isEmpty()) {
                continue;
            }
            pattern = PathText.clean(pattern);
            boolean exception = pattern.startsWith("!");
            if (pattern.equals("!")) {
                throw failure(file, line, "there is nothing behind the \"!\"");
            }
            try {
                PathPattern compiled = PathPattern.parse(exception ? pattern.substring(1) : pattern);
                rules.add(new IgnoreRules.One(
                        new DockerIgnore.Rule(file, line.number(), line.written()), exception, compiled));
            } catch (BadPattern e) {
                throw failure(file, line, String.valueOf(e.getMessage()));
            }
        }
        return new IgnoreRules(rules);
    }

    private static DockerfileFailure failure(String file, Line line, String why) {
        return new DockerfileFailure(
                Reason.DockerfileInvalid,
                file,
                line.number(),
                line.written(),
                "\"" + line.written() + "\" is not a pattern: " + why + ".",
                "Correct the line, or put a # in front of it.");
    }
}
