package build.kiln.builder.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.PlannedStage;
import build.kiln.builder.plan.StageBase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StageRunsTest {

    /// A COPY cannot be interrupted while it reads: of files that are taken away meanwhile it would make a layer that
    /// lacks some, and later builds would find that one.
    @Test
    void noStageRunsAnyMoreWhenAnotherHasFailed() {
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean hasEnded = new AtomicBoolean();
        AtomicBoolean hadEnded = new AtomicBoolean();
        try (StageRuns stages = new StageRuns(plan(2))) {
            assertThatThrownBy(() -> {
                        try {
                            stages.runAll(stage -> stage.index() == 0 ? fail(running) : copy(running, hasEnded));
                        } finally {
                            hadEnded.set(hasEnded.get());
                        }
                    })
                    .hasMessageContaining("no room");
        }
        assertThat(hadEnded).isTrue();
    }

    private static Chain fail(CountDownLatch running) throws InterruptedException {
        running.await();
        throw new PlatformFailure(Reason.DiskFull, "here", "no room.", "");
    }

    private static Chain copy(CountDownLatch running, AtomicBoolean hasEnded) {
        running.countDown();
        sleepOn(Duration.ofMillis(500));
        hasEnded.set(true);
        return Chain.EMPTY;
    }

    private static void sleepOn(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    private static Plan plan(int stages) {
        ImageConfig image = ImageConfig.parse(
                "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
                        .getBytes(StandardCharsets.UTF_8));
        return new Plan(
                Platform.parse("linux/amd64"),
                IntStream.range(0, stages)
                        .mapToObj(index ->
                                new PlannedStage(index, "stage-" + index, new StageBase.Scratch(), List.of(), image))
                        .toList(),
                List.of(),
                List.of());
    }
}
