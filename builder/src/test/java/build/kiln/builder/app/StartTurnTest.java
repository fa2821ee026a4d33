package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.execute.Progress;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.Plan;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTurnTest {

    private static final Path SCRIPT = Path.of("src/main/sh/start-turn").toAbsolutePath();

    @TempDir
    Path folder;

    private OpenFile open(String name) throws IOException {
        return OpenFile.readWrite(folder.resolve(name).toString().getBytes(StandardCharsets.UTF_8), 0600);
    }

    private static Progress watched(int number) {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
        return StartTurn.watched(
                Progress.none(),
                new Environment(
                        Map.of("KILN_START_TURN", Integer.toString(number)), nowhere, nowhere, Clock.systemUTC()));
    }

    private static boolean isOpen(int number) {
        return Files.exists(Path.of("/proc/self/fd/" + number), LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void theTurnIsGivenBackOnceWhenTheBuildWaits() throws IOException {
        int number = open("kiln-start-0").number();
        Progress progress = watched(number);
        assertThat(isOpen(number)).isTrue();
        progress.waits();
        assertThat(isOpen(number)).isFalse();
        try (OpenFile another = open("another")) {
            assertThat(another.number()).isEqualTo(number);
            progress.waits();
            assertThat(isOpen(number)).isTrue();
        }
    }

    @Test
    void whoRunsNothingGivesItBackWithThePlan() throws IOException {
        int number = open("kiln-start-0").number();
        watched(number).planned(new Plan(Platform.ofThisMachine(), List.of(), List.of(), List.of(), null, null));
        assertThat(isOpen(number)).isFalse();
    }

    @Test
    void aFileThatIsNoTurnIsLeftAlone() throws IOException {
        try (OpenFile other = open("other")) {
            watched(other.number()).waits();
            assertThat(isOpen(other.number())).isTrue();
        }
        watched(9999).waits();
    }

    /// Starts builders that hold their turns until they are ended.
    private Process start(String what) throws IOException {
        return new ProcessBuilder("sh", "-euc", ". " + SCRIPT + "; take_turn " + folder + "; " + what).start();
    }

    private static String line(Process process) throws IOException {
        return process.inputReader().readLine();
    }

    @Test
    void asManyStartAtOnceAsThereAreProcessorsAndTheNextWaitsASecond() throws Exception {
        List<Process> holders = new ArrayList<>();
        try {
            int processors = Runtime.getRuntime().availableProcessors();
            for (int i = 0; i < processors; i++) {
                Process holder = start("readlink /proc/self/fd/$KILN_START_TURN; exec sleep 60");
                holders.add(holder);
                assertThat(line(holder)).endsWith("/kiln-start-" + i);
            }
            long start = System.nanoTime();
            Process next = start("readlink /proc/self/fd/$KILN_START_TURN");
            assertThat(line(next)).contains("/kiln-start-");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(900));

            holders.getLast().destroyForcibly().waitFor();
            assertThat(line(start("readlink /proc/self/fd/$KILN_START_TURN")))
                    .endsWith("/kiln-start-" + (processors - 1));
        } finally {
            holders.forEach(Process::destroyForcibly);
        }
    }

    @Test
    void nobodyWaitsWhereNoFileCanBeMade() throws Exception {
        Process process = new ProcessBuilder(
                        "sh", "-euc", ". " + SCRIPT + "; take_turn /proc/none; echo ${KILN_START_TURN:-without}")
                .start();
        assertThat(line(process)).isEqualTo("without");
        assertThat(process.waitFor()).isZero();
    }
}
