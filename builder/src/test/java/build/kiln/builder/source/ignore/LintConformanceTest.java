package build.kiln.builder.source.ignore;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.dockerfile.ConformanceData;
import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.lint.BaseFacts;
import build.kiln.builder.dockerfile.lint.CheckOptions;
import build.kiln.builder.dockerfile.lint.LintFacts;
import build.kiln.builder.dockerfile.lint.LintFacts.IgnoredPaths;
import build.kiln.builder.dockerfile.lint.LintWarning;
import build.kiln.builder.dockerfile.lint.Linter;
import build.kiln.builder.dockerfile.parser.LineRange;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The reference implementation's warnings: rule and lines, each once. The words are our own.
class LintConformanceTest {

    private static final Map<String, String> PLATFORM_ARGS = Map.ofEntries(
            Map.entry("BUILDPLATFORM", "linux/amd64"),
            Map.entry("BUILDOS", "linux"),
            Map.entry("BUILDOSVERSION", ""),
            Map.entry("BUILDARCH", "amd64"),
            Map.entry("BUILDVARIANT", ""),
            Map.entry("TARGETPLATFORM", "linux/amd64"),
            Map.entry("TARGETOS", "linux"),
            Map.entry("TARGETOSVERSION", ""),
            Map.entry("TARGETARCH", "amd64"),
            Map.entry("TARGETVARIANT", ""),
            Map.entry("TARGETSTAGE", "default"));

    @TestFactory
    Stream<DynamicTest> warnsAsTheReferenceDoesWhenAskedToCheck() throws IOException {
        return tests("frontend.lint", folder -> {
            JsonNode definition = read(folder.resolve("case.json"));
            assertThat(warnings(folder, definition, null)).isEqualTo(whenAsked(folder));
        });
    }

    /// A build warns about the stages that it builds.
    @TestFactory
    Stream<DynamicTest> warnsAsTheReferenceDoesInABuild() throws IOException {
        return tests("", folder -> {
            JsonNode definition = read(folder.resolve("case.json"));
            byte[] text = Files.readAllBytes(
                    folder.resolve(definition.get("dockerfile_copy").asText()));
            assertThat(warnings(folder, definition, built(text, definition))).isEqualTo(inABuild(folder));
        });
    }

    private interface Case {
        void run(Path folder) throws IOException;
    }

    private static Stream<DynamicTest> tests(String call, Case test) throws IOException {
        try (Stream<Path> folders = Files.list(ConformanceData.path("cases"))) {
            return folders.sorted().filter(folder -> isCase(folder, call)).toList().stream()
                    .map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> test.run(folder)));
        }
    }

    private static JsonNode read(Path file) {
        try {
            return ConformanceData.json(Files.readString(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isCase(Path folder, String call) {
        JsonNode definition = read(folder.resolve("case.json"));
        boolean succeeds =
                read(folder.resolve("expected.json")).path("result").asText().equals("success");
        return definition.path("call").asText().equals(call) && succeeds && definition.has("dockerfile_copy");
    }

    private static Set<String> warnings(Path folder, JsonNode definition, @Nullable Set<Integer> stages)
            throws IOException {
        Map<String, String> buildArgs = new HashMap<>();
        definition
                .path("build_args")
                .fields()
                .forEachRemaining(
                        arg -> buildArgs.put(arg.getKey(), arg.getValue().asText()));
        LintFacts facts = new LintFacts(
                buildArgs,
                PLATFORM_ARGS,
                (image, platform) -> new BaseFacts(Map.of("PATH", "/bin"), List.of(), platform, List.of()),
                ignored(folder, definition),
                stages);
        String name = definition.get("dockerfile_copy").asText();
        Linter.Report report = Linter.check(
                name, Files.readAllBytes(folder.resolve(name)), facts, buildArgs.get(CheckOptions.BUILD_ARG));
        return texts(report.warnings());
    }

    private static Set<Integer> built(byte[] text, JsonNode definition) {
        List<Stage> stages = Dockerfile.parse("Dockerfile", text).stages();
        String target = definition.path("target").asText();
        Set<Integer> built = new TreeSet<>();
        Deque<Integer> open =
                new ArrayDeque<>(List.of(target.isEmpty() ? stages.size() - 1 : index(stages, target, stages.size())));
        while (!open.isEmpty()) {
            int index = open.pop();
            if (index < 0 || !built.add(index)) {
                continue;
            }
            Stage stage = stages.get(index);
            open.push(index(stages, stage.base(), index));
            for (Instruction instruction : stage.instructions()) {
                if (instruction instanceof Instruction.Copy copy) {
                    open.push(index(stages, copy.from(), index));
                } else if (instruction instanceof Instruction.Run run) {
                    run.options().mounts().forEach(mount -> open.push(index(stages, mount.from(), index)));
                }
            }
        }
        return built;
    }

    private static int index(List<Stage> stages, String name, int before) {
        for (int i = before - 1; i >= 0; i--) {
            if (!name.isEmpty() && (stages.get(i).name().equalsIgnoreCase(name) || name.equals("" + i))) {
                return i;
            }
        }
        return -1;
    }

    private static Set<String> texts(List<LintWarning> warnings) {
        Set<String> texts = new TreeSet<>();
        warnings.forEach(warning -> texts.add(warning.rule() + " " + warning.lines()));
        return texts;
    }

    private static Set<String> whenAsked(Path folder) {
        Set<String> texts = new TreeSet<>();
        for (JsonNode warning :
                read(folder.resolve("expected.json")).path("call_json").path("warnings")) {
            JsonNode range = warning.get("location").get("ranges").get(0);
            texts.add(warning.get("ruleName").asText() + " "
                    + new LineRange(
                            range.get("start").get("line").asInt(),
                            range.get("end").get("line").asInt()));
        }
        return texts;
    }

    private static Set<String> inABuild(Path folder) {
        Set<String> texts = new TreeSet<>();
        for (JsonNode warning : read(folder.resolve("expected.json")).path("warnings")) {
            if (warning.path("ranges").isEmpty()) {
                // Not the linter's: a warning about the build as a whole.
                continue;
            }
            JsonNode range = warning.get("ranges").get(0);
            String rule = warning.get("short").asText().split(":", 2)[0];
            texts.add(rule + " "
                    + new LineRange(range.get(0).asInt(), range.get(1).asInt()));
        }
        return texts;
    }

    private static IgnoredPaths ignored(Path folder, JsonNode definition) throws IOException {
        String context = definition.path("context").asText();
        Path path = folder.resolve(context);
        if (Files.isRegularFile(path.resolve(".dockerignore"))) {
            return IgnoreFile.forLint(".dockerignore", Files.readAllBytes(path.resolve(".dockerignore")));
        }
        if (Files.isRegularFile(path)) {
            try (InputStream file = Files.newInputStream(path);
                    TarArchiveInputStream tar = new TarArchiveInputStream(file)) {
                TarArchiveEntry entry = tar.getNextEntry();
                while (entry != null) {
                    if (entry.getName().replaceFirst("^\\./", "").equals(".dockerignore")) {
                        return IgnoreFile.forLint(".dockerignore", tar.readAllBytes());
                    }
                    entry = tar.getNextEntry();
                }
            }
        }
        return IgnoredPaths.NONE;
    }
}
