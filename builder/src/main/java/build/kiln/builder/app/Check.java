package build.kiln.builder.app;

import build.kiln.builder.dockerfile.lint.BaseFacts;
import build.kiln.builder.dockerfile.lint.CheckOptions;
import build.kiln.builder.dockerfile.lint.LintFacts;
import build.kiln.builder.dockerfile.lint.LintWarning;
import build.kiln.builder.dockerfile.lint.Linter;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.PulledImage;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.source.BuildFiles;
import build.kiln.builder.source.ignore.IgnoreFile;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `kiln build --check`: the linter's warnings for a Dockerfile, without building it.
final class Check {

    private final BuildFiles files;
    private final Map<String, String> buildArgs;
    private final Platform target;
    private final Set<String> contexts;
    private final Registry registry;

    /// @param contexts names that stand for something else than the image of that name
    Check(
            BuildFiles files,
            Map<String, String> buildArgs,
            @Nullable Platform target,
            Set<String> contexts,
            Registry registry) {
        this.files = files;
        this.buildArgs = buildArgs;
        this.target = target == null ? Platform.ofThisMachine() : target;
        this.contexts = Set.copyOf(contexts);
        this.registry = registry;
    }

    /// Prints what was found.
    ///
    /// @return a success only if nothing was found
    /// @throws BuildFailure the reason for which the Dockerfile cannot be built, after the warnings
    ExitCode run(PrintStream out, Call.Format format) {
        Linter.Report report = Linter.check(
                files.dockerfile().name(),
                files.dockerfile().content().getBytes(StandardCharsets.UTF_8),
                new LintFacts(buildArgs, platformArgs(), this::base, ignored(files), null),
                buildArgs.get(CheckOptions.BUILD_ARG));
        List<LintWarning> warnings = report.warnings();
        if (format == Call.Format.JSON) {
            out.println(new String(Json.bytes(json(report)), StandardCharsets.UTF_8));
            return warnings.isEmpty() && report.failure() == null ? ExitCode.SUCCESS : ExitCode.USER;
        }
        warnings.forEach(warning -> print(warning, out));
        if (report.failure() != null) {
            throw report.failure();
        }
        out.println(
                warnings.isEmpty()
                        ? "Check complete, no warnings found."
                        : "Check complete, " + warnings.size() + (warnings.size() == 1 ? " warning" : " warnings")
                                + " found.");
        return warnings.isEmpty() ? ExitCode.SUCCESS : ExitCode.USER;
    }

    private static ObjectNode json(Linter.Report report) {
        ObjectNode node = Json.object();
        ArrayNode all = node.putArray("warnings");
        report.warnings().forEach(warning -> {
            ObjectNode one = all.addObject();
            one.put("ruleName", warning.rule().name());
            one.put("description", warning.rule().summary());
            one.put("url", warning.rule().page());
            one.put("detail", warning.message());
            range(one, warning.lines().first(), warning.lines().last());
        });
        DockerfileFailure failure = report.failure();
        if (failure != null) {
            ObjectNode error = node.putObject("buildError");
            error.put("message", failure.getMessage());
            range(error, failure.line(), failure.line());
        }
        return node;
    }

    private static void range(ObjectNode node, int first, int last) {
        ObjectNode range = node.putObject("location").putArray("ranges").addObject();
        range.putObject("start").put("line", first);
        range.putObject("end").put("line", last);
    }

    private void print(LintWarning warning, PrintStream out) {
        out.println("WARNING: " + warning.rule() + " (" + warning.rule().page() + ")");
        out.println(warning.rule().summary());
        out.println(files.dockerfile().name() + ":" + warning.lines().first() + ": " + warning.message());
        out.println();
    }

    private Map<String, String> platformArgs() {
        Map<String, String> all = new HashMap<>();
        put(all, "TARGET", target);
        put(all, "BUILD", Platform.ofThisMachine());
        return all;
    }

    private static void put(Map<String, String> all, String prefix, Platform platform) {
        all.put(prefix + "PLATFORM", platform.toString());
        all.put(prefix + "OS", platform.os());
        all.put(prefix + "ARCH", platform.architecture());
        all.put(prefix + "VARIANT", platform.variant() == null ? "" : platform.variant());
    }

    private @Nullable BaseFacts base(String image, String platform) {
        if (contexts.contains(image)) {
            return null;
        }
        try {
            PulledImage pulled = registry.image(ImageReference.parse(image), Platform.parse(platform));
            ContainerConfig config = pulled.config().config();
            Map<String, String> env = new HashMap<>();
            for (String one : config.env()) {
                int equals = one.indexOf('=');
                env.put(equals < 0 ? one : one.substring(0, equals), equals < 0 ? "" : one.substring(equals + 1));
            }
            return new BaseFacts(
                    env,
                    config.shell() == null ? List.of() : config.shell(),
                    pulled.config().platform().toString(),
                    config.onBuild());
        } catch (BuildFailure | IllegalArgumentException e) {
            // What depends on the image is not judged; the build would say why it cannot be had.
            return null;
        }
    }

    /// What a COPY cannot read, as the linter asks for it.
    static LintFacts.IgnoredPaths ignored(BuildFiles files) {
        BuildFiles.Text text = files.ignoreFile();
        return text == null
                ? LintFacts.IgnoredPaths.NONE
                : IgnoreFile.forLint(text.name(), text.content().getBytes(StandardCharsets.UTF_8));
    }
}
