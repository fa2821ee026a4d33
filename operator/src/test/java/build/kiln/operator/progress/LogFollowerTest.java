package build.kiln.operator.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import build.kiln.protocol.ProgressLine;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LogFollowerTest {

    private static final PodKey POD = new PodKey("team-a", "web-1-0", "u");

    /// Logs as the test hands them out, one after the other.
    private static final class Logs implements BuilderLogs {
        private final Queue<InputStream> streams = new ConcurrentLinkedQueue<>();
        private volatile Life life = Life.ACTIVE;

        @Override
        public InputStream follow(PodKey pod) throws IOException {
            InputStream next = streams.poll();
            if (next == null) {
                throw new IOException("There is no log yet.");
            }
            return next;
        }

        @Override
        public Life life(PodKey pod) {
            return life;
        }
    }

    @Test
    void linesOfTheBuilderBecomeProgressAndThoseOfARunDoNot() {
        Logs logs = new Logs();
        logs.life = BuilderLogs.Life.ENDED;
        logs.streams.add(log(
                "#1 [build 1/2] FROM debian",
                new ProgressLine.Planned(3, "userns", List.of(), "c0ffee", List.of()).format(),
                finished(1),
                "#2 0.1 " + finished(2),
                "x".repeat(100_000),
                new ProgressLine.StepStarted(2, 3, "RUN make").format(),
                new ProgressLine.Warned("Beware.").format()));
        try (LogFollower follower = new LogFollower(logs, Duration.ZERO)) {
            follower.follow(POD, () -> {});
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> !follower.progress(POD).warnings().isEmpty());
            Progress progress = follower.progress(POD);
            assertThat(progress.total()).isEqualTo(3);
            assertThat(progress.done()).containsOnlyKeys(1);
            assertThat(progress.current()).contains("RUN make");
            assertThat(progress.isolation()).isEqualTo("userns");
            assertThat(progress.isPushing()).isFalse();
        }
    }

    @Test
    void aConnectionThatBreaksIsMadeAgainAndProgressNeverGoesBack() {
        Logs logs = new Logs();
        logs.streams.add(log(finished(1), finished(2)));
        logs.streams.add(log(finished(1)));
        logs.streams.add(log(finished(1), finished(2), finished(3), new ProgressLine.Pushing("r/web:1").format()));
        Queue<Integer> seen = new ConcurrentLinkedQueue<>();
        try (LogFollower follower = new LogFollower(logs, Duration.ZERO)) {
            follower.follow(POD, () -> seen.add(follower.progress(POD).done().size()));
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> follower.progress(POD).isPushing());
            assertThat(follower.progress(POD).done()).containsOnlyKeys(1, 2, 3);
            assertThat(List.copyOf(seen)).isSorted();
        }
    }

    @Test
    void aBurstOfLinesIsToldOnceAnIntervalAndItsEndIsTold() {
        Logs logs = new Logs();
        StringBuilder many = new StringBuilder();
        for (int i = 1; i <= 500; i++) {
            many.append(finished(i)).append('\n');
        }
        logs.streams.add(new ByteArrayInputStream(many.toString().getBytes(StandardCharsets.UTF_8)));
        AtomicInteger told = new AtomicInteger();
        AtomicInteger last = new AtomicInteger();
        try (LogFollower follower = new LogFollower(logs, Duration.ofMillis(200))) {
            follower.follow(POD, () -> {
                told.incrementAndGet();
                last.set(follower.progress(POD).done().size());
            });
            await().atMost(Duration.ofMinutes(1)).until(() -> last.get() == 500);
            assertThat(told.get()).isLessThan(10);
        }
    }

    /// Whoever may make pods in a namespace can take a builder's place there.
    @Test
    void aPodThatIsNoBuilderDoesNotFillTheMemory() {
        Logs logs = new Logs();
        StringBuilder many = new StringBuilder();
        for (int i = Progress.MAX_STEPS - 10; i <= Progress.MAX_STEPS + 1000; i++) {
            many.append(finished(i)).append('\n');
        }
        many.append(new ProgressLine.Warned("It is the end.").format());
        logs.streams.add(new ByteArrayInputStream(many.toString().getBytes(StandardCharsets.UTF_8)));
        try (LogFollower follower = new LogFollower(logs, Duration.ZERO)) {
            follower.follow(POD, () -> {});
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> !follower.progress(POD).warnings().isEmpty());
            assertThat(follower.progress(POD).done()).hasSize(11);
        }
    }

    @Test
    void aPodThatIsGoneIsForgotten() {
        Logs logs = new Logs();
        logs.life = BuilderLogs.Life.GONE;
        logs.streams.add(log(finished(1)));
        try (LogFollower follower = new LogFollower(logs, Duration.ZERO)) {
            follower.follow(POD, () -> {});
            await().atMost(Duration.ofMinutes(1)).until(() -> follower.size() == 0);
            assertThat(follower.progress(POD)).isEqualTo(Progress.NONE);
        }
    }

    @Test
    void whatIsForgottenIsNoLongerRead() throws IOException {
        Logs logs = new Logs();
        try (PipedOutputStream out = new PipedOutputStream();
                LogFollower follower = new LogFollower(logs, Duration.ZERO)) {
            logs.streams.add(new PipedInputStream(out));
            AtomicInteger told = new AtomicInteger();
            follower.follow(POD, told::incrementAndGet);
            follower.follow(POD, told::incrementAndGet);
            out.write((finished(1) + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            await().atMost(Duration.ofMinutes(1)).until(() -> told.get() == 1);
            follower.forget(POD);
            assertThat(follower.size()).isZero();
            assertThat(follower.progress(POD)).isEqualTo(Progress.NONE);
        }
    }

    @Test
    void noMoreThanAHundredLogsAreReadAtOnceAndTheNextIsReadWhenOneHasEnded() throws IOException {
        Queue<PipedOutputStream> open = new ConcurrentLinkedQueue<>();
        BuilderLogs logs = new BuilderLogs() {
            @Override
            public InputStream follow(PodKey pod) throws IOException {
                PipedOutputStream out = new PipedOutputStream();
                InputStream in = new PipedInputStream(out);
                open.add(out);
                return in;
            }

            @Override
            public Life life(PodKey pod) {
                return Life.GONE;
            }
        };
        try (LogFollower follower = new LogFollower(logs, Duration.ZERO)) {
            for (int i = 0; i < LogFollower.AT_ONCE + 1; i++) {
                follower.follow(new PodKey("team-a", "web-" + i, "u" + i), () -> {});
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> open.size() == LogFollower.AT_ONCE);
            await().during(Duration.ofMillis(300)).until(() -> open.size() == LogFollower.AT_ONCE);
            open.element().close();
            await().atMost(Duration.ofMinutes(1)).until(() -> open.size() == LogFollower.AT_ONCE + 1);
        }
    }

    @Test
    void theMoreBuildsRunTheSeldomerEachIsToldOf() {
        Queue<Long> toldAt = new ConcurrentLinkedQueue<>();
        BuilderLogs logs = new BuilderLogs() {
            @Override
            public InputStream follow(PodKey pod) {
                return new InputStream() {
                    private int index = 1;
                    private byte[] line = new byte[0];
                    private int at;

                    @Override
                    public int read() throws IOException {
                        if (at == line.length) {
                            try {
                                Thread.sleep(2);
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                            line = (finished(index++) + "\n").getBytes(StandardCharsets.UTF_8);
                            at = 0;
                        }
                        return line[at++];
                    }
                };
            }

            @Override
            public Life life(PodKey pod) {
                return Life.ACTIVE;
            }
        };
        try (LogFollower follower = new LogFollower(logs, Duration.ofMillis(10))) {
            // Five times as many as may be told of at every interval.
            for (int i = 0; i < 100; i++) {
                follower.follow(
                        new PodKey("team-a", "web-" + i, "u" + i),
                        i == 0 ? () -> toldAt.add(System.nanoTime()) : () -> {});
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> toldAt.size() > 5);
        }
        List<Long> times = List.copyOf(toldAt);
        for (int i = 3; i < times.size(); i++) {
            assertThat(Duration.ofNanos(times.get(i) - times.get(i - 1))).isGreaterThanOrEqualTo(Duration.ofMillis(49));
        }
    }

    @Test
    void theFirstWordsOfOneInACrowdWaitForMore() {
        AtomicInteger told = new AtomicInteger();
        AtomicInteger read = new AtomicInteger();
        BuilderLogs logs = new BuilderLogs() {
            @Override
            public InputStream follow(PodKey pod) {
                return new SequenceInputStream(log(finished(1) + "\n"), new InputStream() {
                    @Override
                    public int read() {
                        read.incrementAndGet();
                        return -1;
                    }
                });
            }

            @Override
            public Life life(PodKey pod) {
                return Life.ENDED;
            }
        };
        try (LogFollower follower = new LogFollower(logs, Duration.ofHours(1))) {
            for (int i = 0; i < 30; i++) {
                int before = i;
                follower.follow(new PodKey("team-a", "web-" + i, "u" + i), told::incrementAndGet);
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> read.get() > before && told.get() > Math.min(before, 19));
            }
            assertThat(told).hasValue(20);
            assertThat(follower.progress(new PodKey("team-a", "web-29", "u29")).done())
                    .hasSize(1);
        }
    }

    private static String finished(int index) {
        return new ProgressLine.StepFinished(
                        index, 3, new StepReport("RUN step " + index, StepOutcome.RAN, 5, 0, null, null))
                .format();
    }

    private static InputStream log(String... lines) {
        return new ByteArrayInputStream(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }
}
