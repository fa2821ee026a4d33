package build.kiln.builder.cache.lock;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.testing.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Locks that other processes hold, which are killed or stopped.
class LocksIT {

    private static final Duration PATIENCE = Duration.ofMillis(600);
    private static final Lease LEASE = new Lease(Duration.ofMillis(50), PATIENCE, Duration.ofMillis(10));

    @TempDir
    private Path root;

    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void makeFolders() throws IOException {
        Files.createDirectory(root.resolve("tmp"));
    }

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void theLockOfAKilledProcessIsFreeAtOnce() throws Exception {
        Process holder = holder("");
        holder.destroyForcibly().waitFor();
        long start = System.nanoTime();

        take(Holder.here("test")).close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
    }

    @Test
    void whoeverWaitsIsToldOfTheDeathOfTheHolder() throws Exception {
        Process holder = holder("");
        HolderWatch watch = watch();
        holder.destroyForcibly();

        assertThat(timeOf(watch)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void whoeverWaitsIsToldWhenTheLockIsGivenBack() throws Exception {
        Holding holding = take(Holder.here("process"));
        HolderWatch watch = watch();
        holding.close();

        assertThat(timeOf(watch)).isLessThan(Duration.ofSeconds(30));
    }

    private HolderWatch watch() throws IOException {
        return HolderWatch.start(Sighting.of(root.resolve("locks/k")).orElseThrow());
    }

    private static Duration timeOf(HolderWatch watch) throws InterruptedException {
        long start = System.nanoTime();
        assertThat(watch.await(Duration.ofMinutes(1))).isTrue();
        assertThat(watch.await(Duration.ofMinutes(1))).as("it tells once").isFalse();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void theLockOfAProcessThatWasKilledOnAnotherHostIsFreeWhenItsCountHasStoodStill() throws Exception {
        Process holder = holder("another kernel");
        holder.destroyForcibly().waitFor();
        long start = System.nanoTime();

        take(Holder.here("test")).close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(PATIENCE);
    }

    /// On another kernel nobody sees the kernel's lock: the volume might as well have none.
    @ParameterizedTest
    @ValueSource(strings = {"", "another kernel"})
    void aProcessThatIsStoppedPastItsTimeAndContinuedCannotPublishOverItsSuccessor(String kernel) throws Exception {
        Process holder = holder(kernel);
        signal(holder, "STOP");
        Path entry = root.resolve("entry");
        try (Holding successor = take(Holder.here("test"))) {
            assertThat(successor.publish("successor".getBytes(StandardCharsets.UTF_8), entry))
                    .isTrue();
            signal(holder, "CONT");
            BufferedReader said = holder.inputReader();
            holder.outputWriter().write('\n');
            holder.outputWriter().flush();

            assertThat(said.readLine()).isEqualTo("false");
            assertThat(holder.waitFor()).isZero();
            assertThat(entry).hasContent("successor");
            assertThat(successor.publish("again".getBytes(StandardCharsets.UTF_8), entry))
                    .as("the successor's lock is untouched")
                    .isTrue();
        }
        assertThat(root.resolve("locks")).isEmptyDirectory();
    }

    @Test
    void whatAKilledProcessLeftIsGoneWhenTheNextOneTakesAnyLock() throws Exception {
        holder("").destroyForcibly().waitFor();
        Locks locks = new Locks(root.resolve("locks"), root.resolve("tmp"), Holder.here("test"), LEASE);
        ((Turn.Mine) locks.tryTake("another").orElseThrow()).holding().close();

        assertThat(root.resolve("locks")).isEmptyDirectory();
        assertThat(root.resolve("tmp")).isEmptyDirectory();
    }

    private Holding take(Holder me) throws InterruptedException {
        Turn turn = new Locks(root.resolve("locks"), root.resolve("tmp"), me, LEASE).take("k", new Waiter() {
            @Override
            public boolean isServed() {
                return false;
            }

            @Override
            public void waitsFor(Holder holder) {
                assertThat(holder.name()).isEqualTo("process");
            }
        });
        assertThat(turn).isInstanceOf(Turn.Mine.class);
        return ((Turn.Mine) turn).holding();
    }

    private Process holder(String kernel) throws IOException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        root.toString(),
                        kernel,
                        Long.toString(PATIENCE.toMillis()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        started.add(process);
        assertThat(process.inputReader().readLine()).isEqualTo("taken");
        return process;
    }

    private void signal(Process process, String name) throws Exception {
        Tool.run(root, "kill", "-" + name, Long.toString(process.pid()));
    }
}
