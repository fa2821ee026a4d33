package build.kiln.builder.report;

import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.StepResult;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.Step;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;

/// Progress as lines: `#5 [build 2/4] RUN make`, `#5 0.213 cc -c a.c`, `#5 DONE 3.2s`, `#5 CACHED`.
///
/// A blank line stands where the lines of another piece of work begin.
public final class PlainProgress implements Progress {

    private final PrintStream out;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private int last;
    private int lastShown;

    public PlainProgress(PrintStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public void planned(Plan plan) {}

    @Override
    public Activity start(Step step) {
        return start(step.label().toString());
    }

    @Override
    public Activity start(String title) {
        lock.lock();
        try {
            Line line = new Line(++last, clock.instant());
            line.print(title);
            return line;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void warning(String text) {
        lock.lock();
        try {
            out.println();
            out.println("WARNING: " + text);
            out.flush();
            lastShown = 0;
        } finally {
            lock.unlock();
        }
    }

    static String seconds(Duration took) {
        // By hand: the JDK's formats cost a start ten milliseconds.
        long tenths = Math.max(0, (took.toMillis() + 50) / 100);
        return tenths / 10 + "." + tenths % 10 + "s";
    }

    private final class Line implements Activity {

        private final int number;
        private final Instant started;

        Line(int number, Instant started) {
            this.number = number;
            this.started = started;
        }

        @Override
        public void output(byte[] line) {
            lock.lock();
            try {
                begin();
                out.printf(
                        Locale.ROOT,
                        "#%d %.3f ",
                        number,
                        Duration.between(started, clock.instant()).toMillis() / 1000.0);
                out.write(line, 0, line.length);
                out.println();
                out.flush();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void detail(String text) {
            // A line for each step of the way would drown the rest.
        }

        @Override
        public void note(String text) {
            print(text);
        }

        @Override
        public void done(StepResult result) {
            print(
                    switch (result.outcome()) {
                        case RAN -> "DONE " + seconds(result.took());
                        case CACHED -> "CACHED";
                        case SHARED -> "SHARED " + seconds(result.took());
                        case RESUMED -> "RESUMED";
                    });
        }

        @Override
        public void failed(String message) {
            print("ERROR: " + message);
        }

        private void print(String text) {
            lock.lock();
            try {
                begin();
                out.println("#" + number + " " + text);
                out.flush();
            } finally {
                lock.unlock();
            }
        }

        private void begin() {
            if (lastShown != 0 && lastShown != number) {
                out.println();
            }
            lastShown = number;
        }
    }
}
