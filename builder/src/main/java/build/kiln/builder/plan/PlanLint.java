package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.lint.BaseFacts;
import build.kiln.builder.dockerfile.lint.CheckOptions;
import build.kiln.builder.dockerfile.lint.LintFacts;
import build.kiln.builder.dockerfile.lint.LintWarning;
import build.kiln.builder.dockerfile.lint.Linter;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.Platform;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the linter says of the stages that a plan builds.
final class PlanLint {

    private PlanLint() {}

    /// @throws DockerfileFailure if there is a warning, and the Dockerfile or the user wants none
    static List<PlanWarning> warnings(
            GlobalScope scope, Images images, Set<StageDraft> needed, LintFacts.IgnoredPaths ignored) {
        Dockerfile dockerfile = scope.dockerfile();
        Set<Integer> built = needed.stream()
                .filter(draft -> !draft.replaced)
                .map(StageDraft::index)
                .collect(Collectors.toSet());
        LintFacts facts = new LintFacts(
                scope.buildArgs(),
                scope.predefined(),
                (image, platform) -> base(images, image, platform),
                ignored,
                built);
        String check = scope.buildArgs().get(CheckOptions.BUILD_ARG);
        CheckOptions options = check == null ? CheckOptions.of(dockerfile) : CheckOptions.ofBuildArg(check);
        List<LintWarning> warnings = Linter.lint(dockerfile, facts, options);
        if (options.failsOnWarnings() && !warnings.isEmpty()) {
            throw failure(dockerfile, warnings);
        }
        return warnings.stream()
                .map(one -> new PlanWarning(one.rule().name(), one.lines().first(), one.message()))
                .toList();
    }

    private static DockerfileFailure failure(Dockerfile dockerfile, List<LintWarning> warnings) {
        LintWarning first = warnings.getFirst();
        String others = warnings.stream()
                .skip(1)
                .map(one -> one.rule() + " (" + one.lines() + ")")
                .collect(Collectors.joining(", "));
        return new DockerfileFailure(
                Reason.DockerfileInvalid,
                dockerfile.name(),
                first.lines().first(),
                "",
                "The rule " + first.rule() + " is broken, and \"error=true\" lets a warning end the build. "
                        + first.message()
                        + (others.isEmpty() ? "" : " Also broken: " + others + "."),
                "To leave a rule out, write skip=" + first.rule() + " beside error=true.");
    }

    private static @Nullable BaseFacts base(Images images, String image, String platform) {
        BaseImage known;
        try {
            known = images.known(image, Platform.parse(platform));
        } catch (IllegalArgumentException e) {
            return null;
        }
        return known == null ? null : facts(known.config());
    }

    private static BaseFacts facts(ImageConfig config) {
        Map<String, String> env = new HashMap<>();
        Variables variables = new Variables();
        variables.setAll(config.config().env());
        variables.names().forEach(name -> env.put(name, String.valueOf(variables.get(name))));
        List<String> shell = config.config().shell();
        return new BaseFacts(
                env,
                shell == null ? List.of() : shell,
                config.platform().os() + "/" + config.platform().architecture(),
                config.config().onBuild());
    }
}
