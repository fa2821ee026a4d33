package build.kiln.bench.stub;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// One pod that runs: when it began, and how it is to go on.
final class PodRun {

    private static final List<String> LOG = Reports.log();

    final Plan plan;
    private final long startedNanos;
    private final CountDownLatch ended = new CountDownLatch(1);

    /// @param nowNanos of [System#nanoTime]
    PodRun(Plan plan, long nowNanos) {
        this.plan = plan;
        this.startedNanos = nowNanos;
    }

    void end() {
        ended.countDown();
    }

    /// Writes the log as it comes, spread evenly over the run, until the pod has ended.
    void copyLog(OutputStream out) throws IOException, InterruptedException {
        Duration pause = plan.run().dividedBy(LOG.size() + 1L);
        for (int i = 0; i < LOG.size(); i++) {
            Duration due = pause.multipliedBy(i).minusNanos(System.nanoTime() - startedNanos);
            if (due.isPositive()) {
                out.flush();
                if (ended.await(due.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
            out.write((LOG.get(i) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        out.flush();
        ended.await();
    }
}
