package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.ExitStatus.Ending;
import build.kiln.builder.sandbox.SandboxMount.Access;
import build.kiln.builder.snapshot.Snapshots;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// Nothing outlives its process, its time limit or its builder; many live side by side.
@InNamespaces
class SandboxLifetimeIT extends SandboxTests {

    @Test
    void timeoutKillsTheWholeTree() throws Exception {
        Path marks = Files.createDirectory(folder.resolve("marks"));
        ProcessSpec spec = shell("(setsid sh -c 'while :; do date +%N > /marks/alive; sleep 0.01; done' &) ;"
                        + " trap '' TERM INT; echo up; sleep 100")
                .withMounts(List.of(new SandboxMount.Bind(marks, "/marks", Access.READ_WRITE)));
        Result result = run(spec, Bounds.of(Duration.ofMillis(700)));
        assertThat(result.out()).containsExactly("up");
        assertThat(result.error())
                .as("what the tools say to the kill is not the process's")
                .isEmpty();
        assertThat(result.status().ending()).isEqualTo(Ending.TIMED_OUT);
        assertThat(result.status().duration()).isBetween(Duration.ofMillis(700), Duration.ofSeconds(10));
        assertNobodyWrites(marks.resolve("alive"));
    }

    @Test
    void whatIsLeftInTheBackgroundEndsWithTheProcess() throws Exception {
        Path marks = Files.createDirectory(folder.resolve("background"));
        ProcessSpec spec = shell("(setsid sh -c 'while :; do date +%N > /marks/alive; sleep 0.01; done' &) ; sleep 0.3")
                .withMounts(List.of(new SandboxMount.Bind(marks, "/marks", Access.READ_WRITE)));
        assertThat(run(spec).status().succeeded()).isTrue();
        assertNobodyWrites(marks.resolve("alive"));
    }

    @Test
    void interruptKillsTheWholeTree() throws Exception {
        Path marks = Files.createDirectory(folder.resolve("interrupted"));
        ProcessSpec spec = shell("while :; do date +%N > /marks/alive; sleep 0.01; done")
                .withMounts(List.of(new SandboxMount.Bind(marks, "/marks", Access.READ_WRITE)));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                run(spec);
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        while (!Files.exists(marks.resolve("alive"))) {
            Thread.sleep(10);
        }
        caller.interrupt();
        caller.join();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertNobodyWrites(marks.resolve("alive"));
    }

    @Test
    void builderThatIsKilledTakesTheWholeTreeWithIt() throws Exception {
        Path marks = Files.createDirectory(folder.resolve("orphans"));
        Process builder = new ProcessBuilder(
                        ENTER.toString(),
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        CLASS_PATH,
                        RunsWithoutEnd.class.getName(),
                        folder.resolve("other-cache").toString(),
                        base.toString(),
                        marks.toString())
                .inheritIO()
                .start();
        while (!Files.exists(marks.resolve("alive"))) {
            assertThat(builder.isAlive()).isTrue();
            Thread.sleep(20);
        }
        builder.destroyForcibly().waitFor();
        Thread.sleep(200);
        assertNobodyWrites(marks.resolve("alive"));
        try (Snapshots next = Snapshots.open(folder.resolve("other-cache"));
                var left = Files.list(folder.resolve("other-cache/snapshots"))) {
            assertThat(left).as("the folder and the lock of the next").hasSize(2);
        }
    }

    /// A builder that is killed while a RUN goes on.
    static final class RunsWithoutEnd {

        private RunsWithoutEnd() {}

        public static void main(String[] args) throws Exception {
            Path cache = Files.createDirectories(Path.of(args[0]));
            Snapshots snapshots = Snapshots.open(cache);
            Sandbox sandbox = Sandbox.open(new IsolationProbe(cache).probe(), snapshots);
            ProcessSpec spec = shell("while :; do date +%N > /marks/alive; sleep 0.01; done")
                    .withMounts(List.of(new SandboxMount.Bind(Path.of(args[2]), "/marks", Access.READ_WRITE)));
            sandbox.run(snapshots.mount(List.of(Path.of(args[1]))), spec, (stream, line) -> {}, LONG);
        }
    }

    private static void assertNobodyWrites(Path file) throws Exception {
        String before = Files.readString(file);
        Thread.sleep(200);
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void manyRunAtOnce() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Result> results = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 8; i++) {
            int number = i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    results.add(run("echo " + number + "; touch /file-" + number));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(results)
                .hasSize(8)
                .allSatisfy(result -> assertThat(result.changed())
                        .containsExactly("file-" + result.out().getFirst()));
    }

    @Test
    void shortRunCostsLittle() throws Exception {
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long started = System.nanoTime();
            run(ProcessSpec.of(List.of("/bin/true"), List.of(), "/"));
            micros.add((System.nanoTime() - started) / 1000);
        }
        List<Long> warm = micros.subList(10, 40).stream().sorted().toList();
        System.out.printf(
                "A trivial RUN, mount and unmount included: median of 30 %.1f ms, fastest %.1f ms%n",
                warm.get(15) / 1000.0, warm.getFirst() / 1000.0);
        assertThat(warm.getFirst()).isLessThan(150_000L);
    }
}
