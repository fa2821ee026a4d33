package build.kiln.builder.cache.miss;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import build.kiln.builder.source.FileMarks;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The words for every difference between two builds of one instruction.
class MissReasonTest {

    private static final StepFacts.Start ALPINE = new StepFacts.Start("alpine:3", "sha256:" + "a".repeat(64), 1);

    /// A RUN that can be varied fact by fact.
    private record Run(
            StepFacts.Start start,
            List<String> below,
            String command,
            List<String> env,
            String user,
            String cwd,
            String mounts,
            @Nullable Instant epoch,
            StepFacts.State state) {

        Run() {
            this(
                    ALPINE,
                    List.of("base", "apt"),
                    "make",
                    List.of("LANG=C", "VERSION=1.1"),
                    "",
                    "/",
                    "",
                    null,
                    StepFacts.State.FINISHED);
        }

        Run on(StepFacts.Start other, String... layers) {
            return new Run(other, List.of(layers), command, env, user, cwd, mounts, epoch, state);
        }

        Run command(String other) {
            return new Run(start, below, other, env, user, cwd, mounts, epoch, state);
        }

        Run env(String... other) {
            return new Run(start, below, command, List.of(other), user, cwd, mounts, epoch, state);
        }

        Run user(String other) {
            return new Run(start, below, command, env, other, cwd, mounts, epoch, state);
        }

        Run cwd(String other) {
            return new Run(start, below, command, env, user, other, mounts, epoch, state);
        }

        Run mounts(String other) {
            return new Run(start, below, command, env, user, cwd, other, epoch, state);
        }

        Run epoch(long seconds) {
            return new Run(start, below, command, env, user, cwd, mounts, Instant.ofEpochSecond(seconds), state);
        }

        Run started() {
            return new Run(start, below, command, env, user, cwd, mounts, epoch, StepFacts.State.STARTED);
        }

        StepFacts facts() {
            ObjectNode node = Json.object();
            ObjectNode run = node.put("version", 1).putObject("run");
            run.set("args", Json.of(List.of("/bin/sh", "-c", command)));
            run.set("env", Json.of(env));
            run.put("user", user).put("cwd", cwd).put("network", "DEFAULT").put("mounts", mounts);
            return StepFacts.of(
                    "RUN " + command,
                    "RUN " + command,
                    start,
                    below.stream().map(MissReasonTest::layer).toList(),
                    Json.bytes(node),
                    Map.of(),
                    epoch,
                    Map.of(),
                    state);
        }
    }

    private static String reason(Run before, Run now) {
        return MissReason.of(before.facts(), now.facts(), List.of("RUN apt-get install", "RUN make"), List.of("LANG"));
    }

    @Test
    void theCommandChanged() {
        assertThat(reason(new Run(), new Run().command("make all"))).isEqualTo("the command changed");
    }

    @Test
    void aBuildArgumentIsShownWithBothValues() {
        assertThat(reason(new Run(), new Run().env("LANG=C", "VERSION=1.2"))).isEqualTo("ARG VERSION was 1.1, is 1.2");
    }

    @Test
    void aVariableThatTheImageKeepsIsAnEnv() {
        assertThat(reason(new Run(), new Run().env("LANG=de", "VERSION=1.1"))).isEqualTo("ENV LANG was C, is de");
    }

    @Test
    void aVariableCanComeAndGo() {
        assertThat(reason(new Run(), new Run().env("VERSION=1.1", "MODE=x")))
                .isEqualTo("ENV LANG is gone; ARG MODE is new");
    }

    @Test
    void anEmptyValueIsSeen() {
        assertThat(reason(new Run(), new Run().env("LANG=C", "VERSION="))).isEqualTo("ARG VERSION was 1.1, is \"\"");
    }

    @ParameterizedTest
    @CsvSource({
        "NPM_TOKEN, one, two",
        "DB_PASSWORD, one, two",
        "db_pass, one, two",
        "GITHUB_AUTH, one, two",
        "AWS_SECRET_ACCESS_KEY, one, two",
        "APIKEY, one, two",
        "SIGNING_KEY, one, two",
        "PROXY, http://ann:one@proxy, http://ann:two@proxy",
        "WHAT, ghp_0123456789abcdef, ghp_0123456789abcdeg",
        "WHAT, -----BEGIN RSA PRIVATE KEY-----1, -----BEGIN RSA PRIVATE KEY-----2"
    })
    void aValueThatMayBeASecretIsNeitherShownNorKept(String name, String one, String two) {
        Run before = new Run().env(name + "=" + one);
        Run now = new Run().env(name + "=" + two);

        assertThat(reason(before, now)).isEqualTo("ARG " + name + " changed");
        assertThat(before.facts().toJson().toString()).doesNotContain(one);
    }

    @Test
    void aLongValueIsCutAndAChangeBehindTheCutIsSeen() {
        String one = "x".repeat(60);
        assertThat(reason(new Run().env("LIST=a" + one), new Run().env("LIST=b" + one)))
                .isEqualTo("ARG LIST was a" + "x".repeat(39) + "…, is b" + "x".repeat(39) + "…");
        assertThat(reason(new Run().env("LIST=" + one + "1"), new Run().env("LIST=" + one + "2")))
                .isEqualTo("ARG LIST changed");
    }

    @Test
    void userAndDirectoryAreShown() {
        assertThat(reason(new Run(), new Run().user("ann").cwd("/src")))
                .isEqualTo("workdir was /, is /src; user was \"\", is ann");
    }

    @Test
    void mountsAreNotShown() {
        assertThat(reason(new Run(), new Run().mounts("type=secret,id=npm"))).isEqualTo("the mounts changed");
    }

    @Test
    void aFixedTimeIsShown() {
        assertThat(reason(new Run().epoch(1), new Run().epoch(2))).isEqualTo("SOURCE_DATE_EPOCH was 1, is 2");
        assertThat(reason(new Run(), new Run().epoch(2))).isEqualTo("SOURCE_DATE_EPOCH was not set, is 2");
    }

    @Test
    void theStepBeforeIsNamed() {
        assertThat(reason(new Run(), new Run().on(ALPINE, "base", "apt 2")))
                .isEqualTo("the step before it changed (RUN apt-get install)");
    }

    @Test
    void aStepThatWasTakenOutIsSaid() {
        assertThat(reason(new Run(), new Run().on(ALPINE, "base"))).isEqualTo("a step before it is gone");
    }

    @Test
    void theBaseImageThatMovedIsNamedWithBothDigests() {
        StepFacts.Start moved = new StepFacts.Start("alpine:3", "sha256:" + "b".repeat(64), 1);
        assertThat(reason(new Run(), new Run().on(moved, "base 2", "apt")))
                .isEqualTo("base image alpine:3 moved from sha256:aaaaaaaaaaaa… to sha256:bbbbbbbbbbbb…");
    }

    @Test
    void anotherBaseIsSaid() {
        StepFacts.Start other = new StepFacts.Start("alpine:4", "sha256:" + "b".repeat(64), 1);
        assertThat(reason(new Run(), new Run().on(other, "base 2", "apt")))
                .isEqualTo("the stage started from alpine:3, starts from alpine:4");
    }

    @Test
    void theStageThatItStartsFromIsNamed() {
        StepFacts.Start build = new StepFacts.Start("stage build", "", 2);
        assertThat(reason(new Run().on(build, "base", "apt"), new Run().on(build, "base", "apt 2")))
                .isEqualTo("stage build, which it starts from, changed");
    }

    @Test
    void whatChangedInTheStepComesFirstAndOfManyReasonsTheRestIsCounted() {
        Run now = new Run()
                .command("make all")
                .env("LANG=C", "VERSION=2")
                .user("ann")
                .cwd("/src")
                .on(ALPINE, "base", "apt 2");
        assertThat(reason(new Run(), now))
                .isEqualTo("the command changed; ARG VERSION was 1.1, is 2; workdir was /, is /src; and 2 more");
    }

    @Test
    void nothingChangedMeansThatTheRecordIsGoneOrWasNeverMade() {
        assertThat(reason(new Run(), new Run())).isEqualTo("its record is gone from the volume");
        assertThat(reason(new Run().started(), new Run())).isEqualTo("it did not come to its end the last time");
    }

    @Test
    void aReasonFitsIntoTheReport() {
        Run before = new Run().env("A=" + "a".repeat(40), "B=" + "b".repeat(40), "C=" + "c".repeat(40));
        Run now = new Run().env("A=" + "x".repeat(40), "B=" + "y".repeat(40), "C=" + "z".repeat(40));
        assertThat(reason(before, now)).hasSizeLessThanOrEqualTo(200).endsWith("…");
    }

    @Test
    void filesThatChangedAreNamed() {
        assertThat(copy(Map.of("src/main.c", 1), Map.of("src/main.c", 2))).isEqualTo("src/main.c changed");
        assertThat(copy(Map.of(), Map.of("src/new.c", 2))).isEqualTo("src/new.c is new");
        assertThat(copy(Map.of("src/old.c", 1), Map.of())).isEqualTo("src/old.c is gone");
        assertThat(copy(Map.of("a", 1, "b", 1, "c", 1), Map.of("a", 2, "b", 2, "c", 2)))
                .isEqualTo("3 files changed: a, b and c");
        assertThat(copy(Map.of("a", 1, "b", 1), Map.of("b", 2, "c", 2)))
                .isEqualTo("3 files changed: a (gone), b and c (new)");
        assertThat(copy(Map.of(), Map.of("a", 2, "b", 2, "c", 2, "d", 1, "e", 1)))
                .isEqualTo("5 files changed: a (new), b (new), c (new) and 2 more");
    }

    @Test
    void whereTheFilesAreNotKnownTheirSourceIsNamed() {
        StepFacts before = copyFacts("one", "/src", Map.of());
        assertThat(MissReason.of(before, copyFacts("two", "/src", Map.of()), List.of(), List.of()))
                .isEqualTo("src changed");
    }

    @Test
    void anotherSourceShowsTheInstructionThatWas() {
        StepFacts before = copyFacts("one", "/app-1.1.tar", Map.of());
        assertThat(MissReason.of(before, copyFacts("two", "/app-1.2.tar", Map.of()), List.of(), List.of()))
                .isEqualTo("the instruction was COPY /app-1.1.tar /");
    }

    @Test
    void factsSurviveBeingWritten() {
        StepFacts facts = copyFacts("one", "/src", Map.of("src/a b\nc", -5, "src/ü", 7));
        assertThat(StepFacts.parse(Json.parse(Json.bytes(facts.toJson())))).isEqualTo(facts);
        StepFacts run = new Run().env("NPM_TOKEN=x", "EMPTY=").epoch(5).facts();
        assertThat(StepFacts.parse(Json.parse(Json.bytes(run.toJson())))).isEqualTo(run);
    }

    private static String copy(Map<String, Integer> before, Map<String, Integer> now) {
        return MissReason.of(
                copyFacts("one", "/", before), copyFacts("two", "/", now), List.of("COPY / /"), new ArrayList<>());
    }

    private static StepFacts copyFacts(String content, String source, Map<String, Integer> files) {
        ObjectNode node = Json.object();
        node.put("version", 1).putObject("copy").put("sources", source).put("destination", "/");
        Map<String, FileMarks> listings =
                files.isEmpty() && content.isEmpty() ? Map.of() : Map.of(source, new FileMarks(new TreeMap<>(files)));
        return StepFacts.of(
                "COPY " + source + " /",
                "COPY $SOURCE /",
                ALPINE,
                List.of(layer("base")),
                Json.bytes(node),
                Map.of(source, Digest.of(content.getBytes(StandardCharsets.UTF_8))),
                null,
                listings,
                StepFacts.State.FINISHED);
    }

    private static DiffId layer(String name) {
        return new DiffId(Digest.of(name.getBytes(StandardCharsets.UTF_8)));
    }
}
