package build.kiln.builder.dockerfile.lint;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.instruction.From;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import java.util.List;
import java.util.Locale;

/// Rules about how single lines are written.
final class WrittenRules {

    private WrittenRules() {}

    static void apply(Dockerfile dockerfile, Warnings warnings) {
        for (int line : dockerfile.emptyContinuations()) {
            warnings.add(
                    Rule.NoEmptyContinuation,
                    line,
                    "A blank line stands within this instruction. Remove it, or begin it with #.");
        }
        dockerfile.globalArgs().forEach(arg -> checkDescription(arg, warnings));
        for (Stage stage : dockerfile.stages()) {
            checkFrom(stage.from(), warnings);
            for (Instruction instruction : stage.instructions()) {
                if (instruction instanceof Instruction.Maintainer) {
                    warnings.add(
                            Rule.MaintainerDeprecated,
                            instruction.origin(),
                            "MAINTAINER is out of use. Write LABEL org.opencontainers.image.authors=\"…\" instead.");
                } else if (instruction instanceof Instruction.Arg arg) {
                    checkDescription(arg, warnings);
                }
            }
        }
    }

    private static void checkFrom(From from, Warnings warnings) {
        String name = from.name();
        if (!isLower(name)) {
            warnings.add(
                    Rule.StageNameCasing,
                    from.origin(),
                    "The stage's name \"" + name + "\" has capital letters, and is \"" + name.toLowerCase(Locale.ROOT)
                            + "\" wherever it is used. Write it so.");
        }
        String keyword = from.origin().keyword();
        boolean asDiffers = isLower(keyword) ? !isLower(from.as()) : isUpper(keyword) && !isUpper(from.as());
        if (asDiffers) {
            warnings.add(
                    Rule.FromAsCasing,
                    from.origin(),
                    "\"" + keyword + "\" and \"" + from.as() + "\" differ in case. Write both in the same.");
        }
        if (!name.isEmpty()) {
            checkDescription("FROM", List.of(name.toLowerCase(Locale.ROOT)), from.origin(), warnings);
        }
    }

    private static void checkDescription(Instruction.Arg arg, Warnings warnings) {
        List<String> names = arg.declarations().stream()
                .map(Instruction.Arg.Declaration::name)
                .toList();
        checkDescription("ARG", names, arg.origin(), warnings);
    }

    private static void checkDescription(String keyword, List<String> names, Origin origin, Warnings warnings) {
        if (origin.comments().isEmpty()) {
            return;
        }
        String comment = origin.comments().getLast();
        if (!names.contains(comment.split(" ", 2)[0])) {
            warnings.add(
                    Rule.InvalidDefinitionDescription,
                    origin,
                    "The comment right above this " + keyword + " does not begin with \""
                            + String.join("\" or \"", names)
                            + "\". Begin it so if it describes that, or put a line with only # between the two.");
        }
    }

    static boolean isLower(String word) {
        return word.equals(word.toLowerCase(Locale.ROOT));
    }

    static boolean isUpper(String word) {
        return word.equals(word.toUpperCase(Locale.ROOT));
    }
}
