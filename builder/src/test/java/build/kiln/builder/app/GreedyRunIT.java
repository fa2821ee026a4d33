package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A RUN that writes without end is ended before the cache volume is full, and nothing is left of it.
@InNamespaces
class GreedyRunIT {

    private static final long MIB = 1 << 20;
    private static final long VOLUME = 256 * MIB;

    /// What a folder's file system of this size keeps free.
    private static final long FREE = VOLUME / 20;

    /// At first at once, and then at a pace at which even a busy machine looks in time.
    private static final String WRITE = "dd if=/dev/zero bs=1048576 count=190 2>/dev/null;"
            + " while dd if=/dev/zero bs=65536 count=1 2>/dev/null; do sleep 0.01; done";

    @TempDir
    private Path own;

    private Path volume;
    private Path cache;

    @BeforeEach
    void mountVolume() throws IOException {
        volume = Files.createDirectory(own.resolve("volume"));
        Mounts.mount(
                "tmpfs".getBytes(StandardCharsets.US_ASCII),
                NativePath.of(volume),
                "tmpfs",
                Set.of(),
                ("size=" + VOLUME).getBytes(StandardCharsets.US_ASCII));
        cache = volume.resolve("cache");
    }

    @AfterEach
    void unmountVolume() throws IOException {
        Mounts.detach(NativePath.of(volume));
    }

    private static <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private long free() throws IOException {
        return Files.getFileStore(volume).getUsableSpace();
    }

    private LocalRuns.Ended build(String name, String... runs) throws IOException {
        Path context = BusyboxContext.make(
                own.resolve(name),
                BusyboxContext.START.replace("for name in", "for name in dd")
                        + String.join(
                                "\n",
                                Arrays.stream(runs).map(run -> "RUN " + run).toList()));
        return LocalRuns.run(own, "build", "--progress=plain", "--cache-dir=" + cache, context.toString());
    }

    /// The least that was free while the build ran.
    private LocalRuns.Ended watched(AtomicLong least, Callable<LocalRuns.Ended> build) throws Exception {
        FutureTask<LocalRuns.Ended> running = start(build);
        while (!running.isDone()) {
            least.accumulateAndGet(free(), Math::min);
            Thread.sleep(1);
        }
        return running.get();
    }

    private void assertOverrun(LocalRuns.Ended ended, int line) throws IOException {
        assertThat(ended.status()).as(ended.err()).isNotZero();
        assertThat(ended.err().lines())
                .last()
                .asString()
                .matches(
                        "ERROR: DiskFull: Dockerfile:" + line + ": RUN was stopped after [0-9.]+ s because it needs too"
                                + " much room \\(stage \"stage-0\", step 3 of 3\\): the volume of the cache has [0-9]+ MiB left, where 12 MiB"
                                + " have to stay free, and had [0-9]+ MiB when the RUN began; what it has written takes [0-9]+ MiB\\."
                                + " Let the step write less, or give the cache volume more room\\.");
        assertThat(free()).as("free afterwards").isGreaterThan(VOLUME - 20 * MIB);
        assertThat(LocalRuns.run(own, "cache", "verify", "--cache-dir", cache.toString())
                        .out())
                .contains("Damaged and forgotten: 0.");
        try (var left = Files.list(cache.resolve("layers/sha256"))) {
            assertThat(left).as("layers").hasSize(2);
        }
    }

    @Test
    void aRunThatWritesWithoutEndIsEndedWhileOthersHaveRoomAndGoOn() throws Exception {
        FutureTask<LocalRuns.Ended> other = start(() -> build(
                "other",
                BusyboxContext.GATE + " dd if=/dev/zero of=/file bs=1048576 count=10 2>/dev/null; "
                        + BusyboxContext.AT_THE_GATE));
        while (free() > VOLUME - 10 * MIB) {
            assertThat(other.isDone()).isFalse();
            Thread.sleep(10);
        }
        AtomicLong least = new AtomicLong(VOLUME);

        LocalRuns.Ended greedy = watched(least, () -> build("greedy", "{ " + WRITE + "; } > /file"));

        assertThat(least.get()).as("free at least").isBetween(FREE / 2, FREE);
        assertThat(other.isDone()).as("the other has been ended").isFalse();
        BusyboxContext.openGate(cache);
        assertThat(other.get().status()).as(other.get().err()).isZero();
        assertThat(greedy.err()).contains("RUN was stopped");
    }

    @Test
    void nothingOfItIsLeft() throws Exception {
        AtomicLong least = new AtomicLong(VOLUME);
        assertOverrun(watched(least, () -> build("greedy", "{ " + WRITE + "; } > /file")), 6);
        assertThat(least.get()).as("free at least").isBetween(FREE / 2, FREE);
        assertThat(build("small", "echo ok").status()).as("the next build").isZero();
    }

    @Test
    void aRunThatWritesFasterThanAnybodyLooksIsNotTriedElsewhere() throws Exception {
        LocalRuns.Ended greedy = build("greedy", "dd if=/dev/zero of=/file bs=1048576");
        assertOverrun(greedy, 6);
        assertThat(greedy.err()).doesNotContain("the build goes on");
    }

    @Test
    void whatItWroteIntoACacheMountGoesWithIt() throws Exception {
        assertOverrun(build("greedy", "--mount=type=cache,target=/cache { " + WRITE + "; } > /cache/file"), 6);
    }

    @Test
    void whatItHidesIsFoundByTheRoomThatIsGone() throws Exception {
        AtomicLong least = new AtomicLong(VOLUME);
        LocalRuns.Ended greedy = watched(least, () -> build("greedy", "exec > /file; rm /file; " + WRITE));
        assertOverrun(greedy, 6);
        assertThat(greedy.err()).contains("what it has written takes 0 MiB");
        assertThat(least.get()).as("free at least").isBetween(MIB, FREE / 2);
    }

    @Test
    void whatNobodyUsesAnyMoreMakesRoomForALargeRun() throws Exception {
        for (int i = 0; i < 5; i++) {
            String write = "dd if=/dev/zero of=/file bs=65536 count=" + (480 + i) + " 2>/dev/null";
            assertThat(build("old-" + i, write).status()).isZero();
        }
        long before = free();
        assertThat(before).isLessThan(VOLUME / 2);
        AtomicLong least = new AtomicLong(VOLUME);

        LocalRuns.Ended large = watched(
                least,
                () -> build(
                        "large",
                        "{ dd if=/dev/zero bs=1048576 count=60 2>/dev/null; for i in $(seq 540); do"
                                + " dd if=/dev/zero bs=65536 count=1 2>/dev/null; sleep 0.01; done; } > /file"));

        assertThat(large.status()).as(large.err()).isZero();
        assertThat(least.get()).as("free at least").isGreaterThan(FREE / 2);
        assertThat(1500 * 65536L).as("what it wrote").isGreaterThan(before - FREE);
    }
}
