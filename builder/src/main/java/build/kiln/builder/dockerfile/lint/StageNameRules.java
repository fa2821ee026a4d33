package build.kiln.builder.dockerfile.lint;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.parser.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Rules that look at all stages together.
final class StageNameRules {

    private static final Set<String> RESERVED = Set.of("context", "scratch");

    private StageNameRules() {}

    static void apply(Dockerfile dockerfile, Warnings warnings) {
        Set<String> seen = new HashSet<>();
        for (Stage stage : dockerfile.stages()) {
            if (RESERVED.contains(stage.name())) {
                warnings.add(
                        Rule.ReservedStageName,
                        stage.origin(),
                        "\"" + stage.name() + "\" means something else where a stage's name is used."
                                + " Choose another name.");
            }
            if (!stage.name().isEmpty() && !seen.add(stage.name())) {
                warnings.add(
                        Rule.DuplicateStageName,
                        stage.origin(),
                        "An earlier stage is called \"" + stage.name() + "\" too. Rename one of them.");
            }
        }
        checkCasing(dockerfile, warnings);
    }

    private static void checkCasing(Dockerfile dockerfile, Warnings warnings) {
        List<Origin> origins = new ArrayList<>();
        for (Stage stage : dockerfile.stages()) {
            origins.add(stage.origin());
            stage.instructions().forEach(instruction -> origins.add(instruction.origin()));
        }
        long lower =
                origins.stream().filter(o -> WrittenRules.isLower(o.keyword())).count();
        long upper =
                origins.stream().filter(o -> WrittenRules.isUpper(o.keyword())).count();
        boolean mostAreLower = lower > upper;
        for (Origin origin : origins) {
            boolean fits =
                    mostAreLower ? WrittenRules.isLower(origin.keyword()) : WrittenRules.isUpper(origin.keyword());
            if (!fits) {
                warnings.add(
                        Rule.ConsistentInstructionCasing,
                        origin,
                        "\"" + origin.keyword() + "\" is not in " + (mostAreLower ? "lower" : "upper")
                                + " case as most instructions of this file are. Write it like them.");
            }
        }
    }
}
