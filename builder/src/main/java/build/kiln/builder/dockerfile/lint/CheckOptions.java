package build.kiln.builder.dockerfile.lint;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.parser.ParserDirective;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Which rules apply: `# check=skip=RULE,RULE;experimental=all;error=true` at the top of the file, the build argument
/// `BUILDKIT_DOCKERFILE_CHECK` instead of it, or `# check=…` above an instruction, for that instruction.
///
/// @param skipped names of rules; `all` for every rule
/// @param experimental names of experimental rules to apply; `all` for every one
/// @param failsOnWarnings true if a warning ends the build
public record CheckOptions(Set<String> skipped, Set<String> experimental, boolean failsOnWarnings) {

    /// The build argument that takes the directive's place.
    public static final String BUILD_ARG = "BUILDKIT_DOCKERFILE_CHECK";

    private static final String ALL = "all";
    private static final CheckOptions NONE = new CheckOptions(Set.of(), Set.of(), false);

    /// No rule applies.
    static final CheckOptions SILENT = new CheckOptions(Set.of(ALL), Set.of(), false);

    public CheckOptions {
        skipped = Set.copyOf(skipped);
        experimental = Set.copyOf(experimental);
    }

    /// Says in a clause what is wrong with the options.
    private static final class BadOptions extends Exception {
        BadOptions(String message) {
            super(message);
        }
    }

    /// The options in the file's `check` directive.
    ///
    /// @throws DockerfileFailure if they are not well-formed
    public static CheckOptions of(Dockerfile dockerfile) {
        for (ParserDirective directive : dockerfile.directives()) {
            if (directive.name().equals("check")) {
                try {
                    return parse(firstWord(directive.value()));
                } catch (BadOptions e) {
                    throw new DockerfileFailure(
                            Reason.DockerfileInvalid,
                            dockerfile.name(),
                            directive.line(),
                            "# check=" + directive.value(),
                            "The check directive " + e.getMessage() + ".",
                            "Write it without blanks, for example: # check=skip=JSONArgsRecommended;error=true");
                }
            }
        }
        return NONE;
    }

    /// The options that the build argument [#BUILD_ARG] holds.
    ///
    /// @throws RequestFailure if they are not well-formed
    public static CheckOptions ofBuildArg(String value) {
        try {
            return parse(value);
        } catch (BadOptions e) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "Build argument " + BUILD_ARG,
                    "The value \"" + value + "\" " + e.getMessage() + ".",
                    "Write it as skip=RULE,RULE;experimental=RULE;error=true.");
        }
    }

    /// These options and those in the comments above an instruction.
    CheckOptions with(List<String> comments) {
        for (String comment : comments) {
            int equals = comment.indexOf('=');
            if (equals > 0
                    && comment.substring(0, equals)
                            .strip()
                            .toLowerCase(Locale.ROOT)
                            .equals("check")) {
                try {
                    return with(parse(firstWord(comment.substring(equals + 1).strip())));
                } catch (BadOptions e) {
                    // A comment that is no directive after all.
                    return this;
                }
            }
        }
        return this;
    }

    private CheckOptions with(CheckOptions more) {
        Set<String> allSkipped = new TreeSet<>(skipped);
        allSkipped.addAll(more.skipped);
        Set<String> allExperimental = new TreeSet<>(experimental);
        allExperimental.addAll(more.experimental);
        return new CheckOptions(allSkipped, allExperimental, failsOnWarnings);
    }

    boolean apply(Rule rule) {
        Set<String> named = rule.isExperimental() ? experimental : skipped;
        return (named.contains(ALL) || named.contains(rule.name())) == rule.isExperimental();
    }

    private static String firstWord(String value) {
        int blank = value.indexOf(' ');
        return blank < 0 ? value : value.substring(0, blank);
    }

    private static CheckOptions parse(String text) throws BadOptions {
        Set<String> skipped = Set.of();
        Set<String> experimental = Set.of();
        boolean fails = false;
        if (text.isBlank()) {
            return NONE;
        }
        for (String option : text.strip().split(";", 3)) {
            int equals = option.indexOf('=');
            if (equals < 0) {
                throw new BadOptions("has \"" + option + "\", which has no \"=\"");
            }
            String value = option.substring(equals + 1).strip();
            switch (option.substring(0, equals).strip()) {
                case "skip" -> skipped = names(value);
                case "experimental" -> experimental = names(value);
                case "error" -> fails = yesOrNo(value);
                default -> throw new BadOptions("has \"" + option + "\", and knows skip, experimental and error");
            }
        }
        return new CheckOptions(skipped, experimental, fails);
    }

    private static boolean yesOrNo(String value) throws BadOptions {
        return switch (value) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new BadOptions("has error=" + value + ", which is neither true nor false");
        };
    }

    private static Set<String> names(String value) {
        Set<String> names = new TreeSet<>();
        for (String name : value.split(",")) {
            names.add(name.strip());
        }
        return names;
    }
}
