package build.kiln.builder.dockerfile.lint;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.parser.SyntaxTree;
import build.kiln.builder.failure.DockerfileFailure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Applies the rules.
public final class Linter {

    private Linter() {}

    /// What was found, and what kept the linter from finding more.
    ///
    /// @param failure why the file cannot be built; null if it can, as far as the linter knows
    public record Report(
            List<LintWarning> warnings, @Nullable DockerfileFailure failure) {

        public Report {
            warnings = List.copyOf(warnings);
        }
    }

    /// All warnings for a Dockerfile, in the order of its lines, each once.
    ///
    /// What cannot be expanded is passed over: the plan refuses it, with the reason.
    public static List<LintWarning> lint(Dockerfile dockerfile, LintFacts facts, CheckOptions options) {
        Warnings warnings = new Warnings(options);
        WrittenRules.apply(dockerfile, warnings);
        StageNameRules.apply(dockerfile, warnings);
        new VariableRules(dockerfile, facts, warnings).apply();
        return sorted(warnings);
    }

    /// Checks a file that may be broken: up to where it is, the rules that need no understanding are applied.
    ///
    /// @param check the value of the build argument that takes the place of the directive; null if it was not given
    public static Report check(String fileName, byte[] text, LintFacts facts, @Nullable String check) {
        Dockerfile dockerfile;
        try {
            dockerfile = Dockerfile.parse(fileName, text);
        } catch (DockerfileFailure failure) {
            return new Report(beforeFailure(fileName, text, failure, check), failure);
        }
        return new Report(lint(dockerfile, facts, options(dockerfile, check)), null);
    }

    private static CheckOptions options(Dockerfile dockerfile, @Nullable String check) {
        return check == null ? CheckOptions.of(dockerfile) : CheckOptions.ofBuildArg(check);
    }

    private static List<LintWarning> beforeFailure(
            String fileName, byte[] text, DockerfileFailure failure, @Nullable String check) {
        int end = 0;
        for (int line = 1; line < failure.line() && end < text.length; end++) {
            line += text[end] == '\n' ? 1 : 0;
        }
        byte[] readable = new byte[end];
        System.arraycopy(text, 0, readable, 0, end);
        try {
            // Where the tree itself cannot be made, nothing is said about the lines before.
            SyntaxTree.parse(fileName, text);
            Dockerfile before = Dockerfile.parse(fileName, readable);
            Warnings warnings = new Warnings(options(before, check));
            WrittenRules.apply(before, warnings);
            return sorted(warnings);
        } catch (DockerfileFailure _) {
            return List.of();
        }
    }

    private static List<LintWarning> sorted(Warnings warnings) {
        List<LintWarning> sorted = new ArrayList<>(new LinkedHashSet<>(warnings.found()));
        sorted.sort(Linter::byLine);
        return sorted;
    }

    private static int byLine(LintWarning one, LintWarning other) {
        int byLine = Integer.compare(one.lines().first(), other.lines().first());
        int byRule = byLine != 0 ? byLine : one.rule().compareTo(other.rule());
        return byRule != 0 ? byRule : one.message().compareTo(other.message());
    }
}
