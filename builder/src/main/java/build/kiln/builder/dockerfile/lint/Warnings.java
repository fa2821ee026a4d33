package build.kiln.builder.dockerfile.lint;

import build.kiln.builder.dockerfile.parser.LineRange;
import build.kiln.builder.dockerfile.parser.Origin;
import java.util.ArrayList;
import java.util.List;

/// Collects warnings, and drops those of rules that do not apply.
final class Warnings {

    private final CheckOptions options;
    private final List<LintWarning> found = new ArrayList<>();

    Warnings(CheckOptions options) {
        this.options = options;
    }

    List<LintWarning> found() {
        return found;
    }

    void add(Rule rule, Origin at, String message) {
        if (options.with(at.comments()).apply(rule)) {
            found.add(new LintWarning(rule, at.lines(), message));
        }
    }

    void add(Rule rule, int line, String message) {
        if (options.apply(rule)) {
            found.add(new LintWarning(rule, new LineRange(line, line), message));
        }
    }
}
