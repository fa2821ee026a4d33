package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BuilderProcess;
import build.kiln.builder.testing.BusyboxContext;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several builder processes on one cache volume at the same time.
@InNamespaces
class SharedStepsIT {

    @TempDir
    private Path own;

    private final List<BuilderProcess> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(BuilderProcess::close);
    }

    @Test
    void sixBuildersThatShareThreeSlowStepsRunEachOfThemOnce() throws Exception {
        for (int i = 0; i < 6; i++) {
            Path context = BusyboxContext.make(
                    own.resolve("context-" + i),
                    BusyboxContext.START + """
                    RUN %3$s echo "one runs" && %2$s && date > /one
                    RUN echo "two runs" && sleep 0.5 && date > /two
                    RUN echo "three runs" && sleep 0.5 && date > /three
                    RUN echo "own step %1$d runs" && echo %1$d > /own
                    """.formatted(i, BusyboxContext.AT_THE_GATE, BusyboxContext.GATE));
            build("b" + i, "--output", "type=oci,dest=" + own.resolve(i + ".tar"), context.toString());
        }
        awaitWaiting(5);
        BusyboxContext.openGate(own.resolve("cache"));
        StringBuilder all = new StringBuilder();
        for (BuilderProcess one : started) {
            all.append(one.succeeded());
        }
        for (String step : List.of("one runs", "two runs", "three runs")) {
            assertThat(outputs(all, step)).as(step).isEqualTo(1);
        }
        for (int i = 0; i < 6; i++) {
            assertThat(outputs(all, "own step " + i + " runs")).isEqualTo(1);
        }
        assertThat(all)
                .containsPattern("#[0-9]+ waiting for \\S+@\\S+:[0-9]+\n")
                .containsPattern("#[0-9]+ SHARED ");
        assertNoLockIsLeft();
    }

    @Test
    void aBuilderThatIsKilledLeavesItsStepToOneThatWaits() throws Exception {
        Path context = BusyboxContext.make(
                own.resolve("context"),
                BusyboxContext.START + "RUN " + BusyboxContext.GATE + " echo \"it runs\" && "
                        + BusyboxContext.AT_THE_GATE + " && echo done > /file\n");
        BuilderProcess first = build("first", context.toString());
        first.awaitText(" it runs\n");
        BuilderProcess second = build("second", context.toString());
        second.awaitText("waiting for ");
        first.close();
        second.awaitText(" it runs\n");
        BusyboxContext.openGate(own.resolve("cache"));

        assertThat(second.succeeded()).containsPattern("#5 DONE ");
        assertNoLockIsLeft();
    }

    @Test
    void aStepThatFailsForOneIsRunByTheOtherItself() throws Exception {
        Path context = BusyboxContext.make(
                own.resolve("context"),
                BusyboxContext.START + """
                RUN --mount=type=secret,id=word %s echo "it runs" && %s && grep -q good /run/secrets/word
                """.formatted(BusyboxContext.GATE, BusyboxContext.AT_THE_GATE));
        Path bad = Files.writeString(own.resolve("bad"), "bad");
        Path good = Files.writeString(own.resolve("good"), "good");
        BuilderProcess first = build("first", "--secret", "id=word,src=" + bad, context.toString());
        first.awaitText(" it runs\n");
        BuilderProcess second = build("second", "--secret", "id=word,src=" + good, context.toString());
        second.awaitText("waiting for ");
        BusyboxContext.openGate(own.resolve("cache"));

        assertThat(first.process().waitFor()).isEqualTo(1);
        assertThat(first.text()).contains("ERROR: RunFailed: Dockerfile:6: RUN ended with exit status 1");
        assertThat(second.succeeded()).contains(" it runs\n");
        assertNoLockIsLeft();
    }

    @Test
    void aStepThatFailsForTwoIsNotRunByTheOthersThatWaited() throws Exception {
        Path context = BusyboxContext.make(
                own.resolve("context"),
                BusyboxContext.START + "RUN " + BusyboxContext.GATE + " echo \"it runs\" && "
                        + BusyboxContext.AT_THE_GATE + " && exit 3\n");
        for (int i = 0; i < 5; i++) {
            build("b" + i, context.toString());
        }
        awaitWaiting(4);
        BusyboxContext.openGate(own.resolve("cache"));

        int ran = 0;
        int taken = 0;
        for (BuilderProcess one : started) {
            assertThat(one.process().waitFor()).as(one.text()).isEqualTo(1);
            ran += one.text().contains("ERROR: RunFailed: Dockerfile:6: RUN ended with exit status 3 after ") ? 1 : 0;
            taken += Pattern.compile("ERROR: RunFailed: Dockerfile:6: RUN ended with exit status 3 for \\S+@\\S+ and"
                                    + " then for \\S+@\\S+, while this build waited for it, and was not run once more[.]"
                                    + " The last lines of its output say why[.] Build again to run it here[.]")
                            .matcher(one.text())
                            .find()
                    ? 1
                    : 0;
            assertThat(outputs(one.text(), "it runs")).as(one.text()).isEqualTo(1);
        }
        assertThat(ran).isEqualTo(2);
        assertThat(taken).isEqualTo(3);
        assertNoLockIsLeft();

        BuilderProcess later = build("later", context.toString());
        assertThat(later.process().waitFor()).isEqualTo(1);
        assertThat(later.text()).contains("RUN ended with exit status 3 after ");
    }

    @Test
    void aStepThatFailsByAccidentIsRunOnceMoreAndSharedByAllThatWaited() throws Exception {
        Path context = BusyboxContext.make(
                own.resolve("context"),
                BusyboxContext.START + "RUN " + BusyboxContext.GATE + " echo \"it runs\" && "
                        + BusyboxContext.AT_THE_GATE
                        + " && { [ -e /gate/failed ] || { touch /gate/failed && exit 3; }; }\n");
        for (int i = 0; i < 4; i++) {
            build("b" + i, context.toString());
        }
        awaitWaiting(3);
        BusyboxContext.openGate(own.resolve("cache"));

        int failed = 0;
        int runs = 0;
        for (BuilderProcess one : started) {
            failed += one.process().waitFor();
            runs += (int) outputs(one.text(), "it runs");
        }
        assertThat(failed).isEqualTo(1);
        assertThat(runs).isEqualTo(2);
        assertThat(own.resolve("cache/failed")).isEmptyDirectory();
    }

    @Test
    void stagesOfOneBuildThatAreTheSameRunOnce() throws Exception {
        String run = "RUN " + BusyboxContext.GATE + " echo \"it runs\" && " + BusyboxContext.AT_THE_GATE
                + " && date > /file\n";
        Path context = BusyboxContext.make(
                own.resolve("context"),
                BusyboxContext.START.replace("scratch", "scratch AS one")
                        + run
                        + BusyboxContext.START.replace("scratch", "scratch AS two")
                        + run
                        + "FROM scratch\nCOPY --from=one /file /one\nCOPY --from=two /file /two\n");
        Path root = own.resolve("root");
        BuilderProcess builder = build("builder", "--output", "type=local,dest=" + root, context.toString());
        builder.awaitText("waiting for the same step elsewhere in this build");
        builder.awaitText(" it runs\n");
        BusyboxContext.openGate(own.resolve("cache"));

        assertThat(outputs(builder.succeeded(), "it runs")).isEqualTo(1);
        assertThat(root.resolve("one")).hasSameBinaryContentAs(root.resolve("two"));
    }

    private void awaitWaiting(int count) throws Exception {
        long waiting = 0;
        while (waiting < count) {
            Thread.sleep(20);
            waiting = 0;
            for (BuilderProcess one : started) {
                assertThat(one.process().isAlive()).as(one.text()).isTrue();
                // The first waiting may be for a step before it.
                String text = one.text();
                waiting += text.indexOf("waiting for ", Math.max(0, text.indexOf("RUN " + BusyboxContext.GATE))) > 0
                                && text.contains("RUN " + BusyboxContext.GATE)
                        ? 1
                        : 0;
            }
        }
    }

    @Test
    void aBaseImageThatSeveralNeedIsUnpackedOnce() throws Exception {
        try (DockerRegistry registry = DockerRegistry.plain(own)) {
            String base = registry.host() + "/base:1";
            try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
                BusyboxImage.push(client, ImageReference.parse(base));
            }
            for (int i = 0; i < 3; i++) {
                Path context = Files.createDirectory(own.resolve("context-" + i));
                Files.writeString(context.resolve("Dockerfile"), "FROM " + base + "\nRUN echo " + i + " > /own\n");
                build("b" + i, context.toString());
            }
            StringBuilder all = new StringBuilder();
            for (BuilderProcess one : started) {
                all.append(one.succeeded());
            }
            assertThat(all.toString().lines().filter(line -> line.contains("[internal] unpacking ")))
                    .hasSize(1);
        }
    }

    /// How often a RUN printed this line.
    private static long outputs(CharSequence text, String line) {
        return text.toString()
                .lines()
                .filter(each -> each.matches("#[0-9]+ [0-9.]+ " + line))
                .count();
    }

    private BuilderProcess build(String name, String... arguments) throws IOException {
        List<String> all =
                new ArrayList<>(List.of("--cache-dir", own.resolve("cache").toString()));
        all.addAll(List.of(arguments));
        BuilderProcess process = BuilderProcess.start(own.resolve(name + ".log"), all.toArray(String[]::new));
        started.add(process);
        return process;
    }

    private void assertNoLockIsLeft() throws IOException {
        try (Stream<Path> locks = Files.list(own.resolve("cache/locks"))) {
            assertThat(locks).isEmpty();
        }
    }
}
