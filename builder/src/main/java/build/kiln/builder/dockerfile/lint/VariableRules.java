package build.kiln.builder.dockerfile.lint;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.BadWordException;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.dockerfile.words.Expansion;
import build.kiln.builder.dockerfile.words.NearestWord;
import build.kiln.builder.dockerfile.words.Words;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Rules that need to know what variables stand for: those of FROM here, those of a stage in [StageRules].
final class VariableRules {

    private final Dockerfile dockerfile;
    private final LintFacts facts;
    private final Warnings warnings;
    private final Words words;

    VariableRules(Dockerfile dockerfile, LintFacts facts, Warnings warnings) {
        this.dockerfile = dockerfile;
        this.facts = facts;
        this.warnings = warnings;
        this.words = Words.ofInstruction(dockerfile.escape());
    }

    void apply() {
        try {
            checkDefaultBases();
            checkStages();
        } catch (BadWordException e) {
            // The plan refuses the word, at its line. Until then nothing more can be said.
        }
    }

    private void checkDefaultBases() throws BadWordException {
        Map<String, String> defaults = globalArgs(Map.of());
        for (Stage stage : dockerfile.stages()) {
            String image = words.expand(stage.base(), Environment.of(defaults)).text();
            if (!ImageName.isValid(image)) {
                warnings.add(
                        Rule.InvalidDefaultArgInFrom,
                        stage.origin(),
                        "Without build arguments FROM " + stage.base() + " asks for the image \"" + image
                                + "\", which no image can be called. Give its ARG a default.");
            }
        }
    }

    private void checkStages() throws BadWordException {
        Map<String, String> args = globalArgs(facts.buildArgs());
        Set<String> declared = new HashSet<>(args.keySet());
        dockerfile.globalArgs().forEach(arg -> arg.declarations().forEach(one -> declared.add(one.name())));
        Map<String, StageState> byName = new HashMap<>();
        for (Stage stage : dockerfile.stages()) {
            Expansion base = words.expand(stage.base(), Environment.of(args));
            reportUndeclared(base, declared, stage.origin());
            String platform = checkPlatform(stage, args, declared);
            StageState state = startingState(stage, base.text(), platform, byName);
            Set<Integer> built = facts.stages();
            Warnings heard =
                    built == null || built.contains(stage.index()) ? warnings : new Warnings(CheckOptions.SILENT);
            new StageRules(words, facts, args, state, heard).apply(stage);
            if (!stage.name().isEmpty()) {
                byName.put(stage.name(), state);
            }
        }
    }

    private StageState startingState(Stage stage, String base, String platform, Map<String, StageState> byName) {
        StageState parent = byName.get(base);
        if (parent != null) {
            return parent.child();
        }
        if (base.equals("scratch")) {
            return StageState.ofScratch();
        }
        String wanted = platform.isEmpty() ? facts.platformArgs().getOrDefault("TARGETPLATFORM", "") : platform;
        BaseFacts known = facts.bases().find(base, wanted);
        if (known == null) {
            return StageState.ofUnknown();
        }
        String expected = PlatformText.withoutVariant(wanted);
        if (!expected.isEmpty() && !expected.equals(PlatformText.withoutVariant(known.platform()))) {
            warnings.add(
                    Rule.InvalidBaseImagePlatform,
                    stage.origin(),
                    "The image " + base + " is for " + known.platform() + ", and " + wanted
                            + " is built. Take one that has this platform, or build with --platform="
                            + known.platform() + ".");
        }
        return StageState.of(known);
    }

    /// The expanded value of `--platform`; empty if the stage has none.
    private String checkPlatform(Stage stage, Map<String, String> args, Set<String> declared) throws BadWordException {
        if (stage.platform().isEmpty()) {
            return "";
        }
        Expansion platform = words.expand(stage.platform(), Environment.of(args));
        reportUndeclared(platform, declared, stage.origin());
        boolean onlyTarget = platform.matched().equals(Set.of("TARGETPLATFORM"))
                && platform.unmatched().isEmpty()
                && platform.text().equals(args.get("TARGETPLATFORM"));
        if (onlyTarget) {
            warnings.add(
                    Rule.RedundantTargetPlatform,
                    stage.origin(),
                    "--platform=" + stage.platform() + " is what FROM does anyway. Remove the flag.");
        }
        boolean constant = platform.matched().isEmpty() && platform.unmatched().isEmpty();
        if (constant && !PlatformText.isNamedIn(stage.name(), platform.text())) {
            warnings.add(
                    Rule.FromPlatformFlagConstDisallowed,
                    stage.origin(),
                    "--platform=" + platform.text() + " binds the stage to one platform. Use $BUILDPLATFORM or an ARG,"
                            + " or name the stage after the platform.");
        }
        return platform.text();
    }

    private void reportUndeclared(Expansion expansion, Set<String> declared, Origin origin) {
        for (String name : expansion.unmatched()) {
            if (!declared.contains(name)) {
                warnings.add(
                        Rule.UndefinedArgInFrom,
                        origin,
                        "No ARG before the first FROM declares \"" + name + "\". "
                                + NearestWord.advice(name, declared, "Add ARG " + name + " with a default there."));
            }
        }
    }

    /// The ARGs before the first FROM and the platform's, with their values; those without a value are left out.
    private Map<String, String> globalArgs(Map<String, String> buildArgs) throws BadWordException {
        Map<String, String> args = new LinkedHashMap<>(facts.platformArgs());
        args.replaceAll((name, value) -> facts.buildArgs().getOrDefault(name, value));
        for (Instruction.Arg arg : dockerfile.globalArgs()) {
            for (Instruction.Arg.Declaration declaration : arg.declarations()) {
                String given = buildArgs.get(declaration.name());
                if (given != null) {
                    args.put(declaration.name(), given);
                } else if (declaration.value() != null) {
                    String value = words.expand(declaration.value(), Environment.of(args))
                            .text();
                    args.put(declaration.name(), value);
                }
            }
        }
        return args;
    }
}
