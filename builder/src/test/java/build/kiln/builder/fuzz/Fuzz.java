package build.kiln.builder.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A run of mutants on all processors. The same seed and count give the same inputs.
final class Fuzz {

    /// Of a processor's time: the machine may be busy with other things.
    private static final Duration TOO_LONG = Duration.ofSeconds(5);

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int MOST_FINDINGS = 20;

    private final FuzzTarget target;
    private final Path folder;
    private final List<String> findings = new CopyOnWriteArrayList<>();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /// @param folder where the inputs of findings are written
    Fuzz(FuzzTarget target, Path folder) {
        this.target = target;
        this.folder = folder;
    }

    /// What came of it.
    ///
    /// @param findings one text each, with the file that holds the input
    record Result(long inputs, long refused, List<String> findings) {}

    private static final class Worker extends Thread {
        private volatile byte @Nullable [] input;
        private volatile long since;

        private Worker(Runnable work) {
            super(work);
        }
    }

    /// Runs until all inputs are read, or one of them takes so long that it is given up.
    Result run(long inputs, long seed) throws InterruptedException {
        int count = Runtime.getRuntime().availableProcessors();
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int index = i;
            long share = inputs / count + (i < inputs % count ? 1 : 0);
            Worker worker = new Worker(() -> work(share, seed * 1000 + index));
            worker.setDaemon(true);
            worker.start();
            workers.add(worker);
        }
        for (Worker worker : workers) {
            while (!worker.join(Duration.ofMillis(200))) {
                if (workers.stream().anyMatch(this::hangs)) {
                    return new Result(done.get(), refused.get(), findings);
                }
            }
        }
        return new Result(done.get(), refused.get(), findings);
    }

    private boolean hangs(Worker worker) {
        byte[] input = worker.input;
        if (input == null || THREADS.getThreadCpuTime(worker.threadId()) - worker.since < TOO_LONG.toNanos()) {
            return false;
        }
        StringBuilder stack = new StringBuilder("takes more than " + TOO_LONG.toSeconds() + " s at");
        for (StackTraceElement element : worker.getStackTrace()) {
            stack.append("\n    ").append(element);
        }
        found(input, stack.toString());
        return true;
    }

    private void work(long inputs, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Worker self = (Worker) Thread.currentThread();
        for (long i = 0; i < inputs && findings.size() < MOST_FINDINGS; i++) {
            byte[] input = Mutator.mutant(target, random);
            self.since = THREADS.getCurrentThreadCpuTime();
            self.input = input;
            try {
                target.reader().read(input);
            } catch (Throwable thrown) {
                if (target.mayThrow(thrown)) {
                    refused.incrementAndGet();
                } else {
                    StringWriter stack = new StringWriter();
                    thrown.printStackTrace(new PrintWriter(stack));
                    found(input, "threw " + stack);
                }
            }
            long took = TimeUnit.NANOSECONDS.toMillis(THREADS.getCurrentThreadCpuTime() - self.since);
            self.input = null;
            if (took > TOO_LONG.toMillis()) {
                found(input, "took " + took + " ms");
            }
            done.incrementAndGet();
        }
    }

    private synchronized void found(byte[] input, String what) {
        Path file = folder.resolve(target.name() + "-" + findings.size());
        try {
            Files.createDirectories(folder);
            Files.write(file, input);
            Files.writeString(file.resolveSibling(file.getFileName() + ".txt"), what + "\n", StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        findings.add(target.name() + " " + what.lines().limit(8).reduce("", (all, line) -> all + line + "\n")
                + "The input is in " + file.toAbsolutePath());
    }
}
