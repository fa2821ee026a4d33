package build.kiln.builder.dockerfile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.lint.BaseFacts;
import build.kiln.builder.dockerfile.lint.CheckOptions;
import build.kiln.builder.dockerfile.lint.LintFacts;
import build.kiln.builder.dockerfile.lint.Linter;
import build.kiln.builder.dockerfile.words.BadWordException;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.dockerfile.words.Words;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.source.DockerIgnore;
import build.kiln.builder.source.ignore.IgnoreFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Throws mutated inputs at everything in this room that reads text: nothing but the room's own failures may come out,
/// and soon.
///
/// Off by default. `-Dkiln.fuzz=1000000` runs that many inputs of each kind, `-Dkiln.fuzz.seed=7` chooses others.
@EnabledIfSystemProperty(
        named = "kiln.fuzz",
        matches = "[0-9]+",
        disabledReason = "Fuzzing takes minutes; -Dkiln.fuzz=1000000 runs a million inputs of each kind.")
class FuzzTest {

    private static final int INPUTS = Integer.getInteger("kiln.fuzz", 0);
    private static final long SEED = Long.getLong("kiln.fuzz.seed", 1L);
    private static final Duration TOO_LONG = Duration.ofSeconds(2);
    private static final Path CASES = Path.of("src", "test", "resources", "build", "kiln", "builder", "dockerfile");
    private static final List<String> FRAGMENTS = List.of(
            "\n",
            "\\\n",
            "`\n",
            " ",
            "\t",
            "\r\n",
            "#",
            "# escape=`\n",
            "# syntax=x\n",
            "FROM ",
            "RUN ",
            "COPY ",
            "ADD ",
            "ARG ",
            "ENV ",
            "ONBUILD ",
            "HEALTHCHECK ",
            "CMD ",
            "LABEL ",
            "SHELL ",
            "<<EOF",
            "<<-'EOF'\n",
            "\nEOF\n",
            "<<",
            "$",
            "${",
            "}",
            "${A:-",
            "${A/",
            "//",
            "${A##",
            "%%",
            ":?",
            "'",
            "\"",
            "[\"",
            "\"]",
            "[",
            "]",
            "--mount=",
            "--from=",
            "type=cache,",
            "--",
            "=",
            ",",
            "*",
            "**",
            "**/",
            "?",
            "!",
            "[^",
            "a-z",
            "-]",
            "\\",
            "\\\\",
            "é",
            "\uFEFF",
            "한",
            "\u0000",
            "\u00a0",
            "\u2028",
            "A",
            "B=c",
            "x",
            "9",
            "1e999",
            "\\u",
            "\\ud800");
    private static final Map<String, String> VARIABLES =
            Map.of("A", "hello/world", "B", "", "C", "a b  c", "D", "$A${A}'\"\\", "PATH", "/usr/local/bin");
    private static final LintFacts FACTS = new LintFacts(
            VARIABLES,
            Map.of("TARGETPLATFORM", "linux/amd64"),
            (image, platform) -> new BaseFacts(VARIABLES, List.of(), "linux/amd64", List.of("RUN <<EOF\nx\nEOF")),
            path -> path.length() % 2 == 0,
            null);

    private interface Target {
        void run(String input) throws BadWordException;
    }

    @Test
    void dockerfiles() throws IOException {
        fuzz(dockerfileSeeds(), input -> {
            byte[] text = input.getBytes(input.length() % 5 == 0 ? ISO_8859_1 : UTF_8);
            Linter.check("Dockerfile", text, FACTS, null);
            Dockerfile dockerfile = Dockerfile.parse("Dockerfile", text);
            CheckOptions.of(dockerfile);
            for (Stage stage : dockerfile.stages()) {
                dockerfile.expand(stage.origin(), stage.base(), Environment.of(VARIABLES));
                stage.instructions().forEach(instruction -> use(dockerfile, instruction));
            }
        });
    }

    private static void use(Dockerfile dockerfile, Instruction instruction) {
        Environment environment = Environment.of(VARIABLES);
        if (instruction instanceof Instruction.Run run) {
            run.options()
                    .mounts()
                    .forEach(mount -> mount.resolve(word ->
                            dockerfile.expand(run.origin(), word, environment).text()));
        } else if (instruction instanceof Instruction.OnBuild onBuild) {
            Dockerfile.parseTrigger(onBuild.origin(), onBuild.trigger());
        }
        Dockerfile.expand(
                Words.forDisplay(dockerfile.escape()),
                instruction.origin(),
                instruction.origin().text(),
                environment);
    }

    @Test
    void words() throws IOException {
        List<String> seeds = List.of(
                "$A",
                "${A}",
                "${A:-x$B}",
                "${A#h*o}",
                "${A%%/*}",
                "${A//l/$D}",
                "${A/o?w/x}",
                "'a b' \"$C\"",
                "\\$A",
                "${D:?m}",
                "<<EOF",
                "${A//*/$D}",
                "${U:-${A:+${B:-x}}}");
        fuzz(seeds, input -> {
            for (Words.Quotes quotes : Words.Quotes.values()) {
                new Words('\\', quotes, Words.Unset.values()[input.length() % 2])
                        .expand(input, Environment.of(VARIABLES));
            }
        });
    }

    @Test
    void ignoreFiles() throws IOException {
        List<String> seeds = List.of(
                "*\n!a/**\n",
                "**/node_modules\n*.md\n!README.md",
                "a/[b-d]?/*\n",
                "[^a-z]*\n\\*\n",
                "/a/../b\n# c\n !d\n",
                "dir/**/x\n**a**b\n***\n");
        List<String> paths = List.of("a", "a/b", "README.md", "a/b/c/d.go", "é/ü", "x\ny", "*", "[");
        fuzz(seeds, input -> {
            DockerIgnore rules = IgnoreFile.parse(".dockerignore", input.getBytes(UTF_8));
            for (String path : paths) {
                boolean ignored = rules.ignores(path);
                assertThat(rules.ruleFor(path) != null).isEqualTo(ignored);
                if (ignored && !rules.mayKeepBelow(path)) {
                    assertThat(rules.ignores(path + "/a")).isTrue();
                    assertThat(rules.ignores(path + "/b/README.md")).isTrue();
                }
            }
        });
    }

    private static List<String> dockerfileSeeds() throws IOException {
        List<String> seeds = new ArrayList<>();
        try (Stream<Path> files = Files.walk(CASES.resolve("parses"))) {
            for (Path file :
                    files.filter(path -> path.endsWith("Dockerfile")).sorted().toList()) {
                seeds.add(Files.readString(file));
            }
        }
        return seeds;
    }

    private static void fuzz(List<String> seeds, Target target) {
        SplittableRandom random = new SplittableRandom(SEED);
        int refused = 0;
        for (int i = 0; i < INPUTS; i++) {
            String input = mutate(seeds, random);
            long start = System.nanoTime();
            try {
                target.run(input);
            } catch (DockerfileFailure | BadWordException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                fail("Input " + i + " made it throw: " + quoted(input), e);
            }
            if (System.nanoTime() - start > TOO_LONG.toNanos()) {
                fail("Input " + i + " took more than " + TOO_LONG + ": " + quoted(input));
            }
        }
        System.out.println(INPUTS + " inputs, " + refused + " of them refused");
        assertThat(refused).isBetween(1, INPUTS);
    }

    private static String quoted(String input) {
        return input.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }

    private static String mutate(List<String> seeds, SplittableRandom random) {
        StringBuilder text = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
        for (int changes = 1 + random.nextInt(1 + random.nextInt(7)); changes > 0; changes--) {
            int at = random.nextInt(text.length() + 1);
            int end = Math.min(text.length(), at + random.nextInt(12));
            switch (random.nextInt(6)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
                case 2 ->
                    text.insert(
                            at, FRAGMENTS.get(random.nextInt(FRAGMENTS.size())).repeat(random.nextInt(1, 40)));
                case 3 -> text.replace(at, end, Character.toString(random.nextInt(0x250)));
                case 4 -> text.insert(at, text.substring(at, end));
                default -> {
                    String other = seeds.get(random.nextInt(seeds.size()));
                    int from = random.nextInt(other.length() + 1);
                    text.insert(at, other.substring(from, Math.min(other.length(), from + random.nextInt(60))));
                }
            }
        }
        return text.toString();
    }
}
