package build.kiln.builder.report;

import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.StepResult;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.Step;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// Progress on a terminal: finished work scrolls away upwards, running work is redrawn below it with its last lines.
public final class TerminalProgress implements Progress, AutoCloseable {

    private static final int LINES_OF_OUTPUT = 6;
    private static final Duration REDRAW = Duration.ofMillis(100);
    private static final String CLEAR_BELOW = "\u001b[J";

    private final PrintStream out;
    private final Clock clock;
    private final int columns;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Row> running = new LinkedHashSet<>();
    private final Thread painter;
    private int painted;
    private boolean closed;

    /// @param columns how wide the terminal is; longer lines are cut
    public TerminalProgress(PrintStream out, Clock clock, int columns) {
        this.out = out;
        this.clock = clock;
        this.columns = Math.max(columns, 20);
        this.painter = Thread.ofVirtual().name("progress").start(this::paintUntilClosed);
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
            Row row = new Row(title, clock.instant());
            running.add(row);
            paint();
            return row;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void warning(String text) {
        scroll(List.of(" ! " + text));
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            running.clear();
            paint();
        } finally {
            lock.unlock();
        }
        painter.interrupt();
    }

    private void paintUntilClosed() {
        try {
            while (true) {
                Thread.sleep(REDRAW);
                lock.lock();
                try {
                    if (closed) {
                        return;
                    }
                    paint();
                } finally {
                    lock.unlock();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void scroll(List<String> lines) {
        lock.lock();
        try {
            StringBuilder text = erase();
            lines.forEach(line -> text.append(line).append('\n'));
            painted = 0;
            out.print(text);
            paint();
        } finally {
            lock.unlock();
        }
    }

    private void paint() {
        StringBuilder text = erase();
        int rows = 0;
        for (Row row : running) {
            String took = PlainProgress.seconds(Duration.between(row.started, clock.instant()));
            text.append(cut(" => " + row.title + (row.detail.isEmpty() ? "" : "  " + row.detail), took))
                    .append('\n');
            rows++;
            for (String line : row.tail) {
                text.append(cut("    " + line, "")).append('\n');
                rows++;
            }
        }
        painted = rows;
        out.print(text);
        out.flush();
    }

    private StringBuilder erase() {
        StringBuilder text = new StringBuilder();
        if (painted > 0) {
            text.append("\u001b[").append(painted).append("F");
        }
        return text.append(CLEAR_BELOW);
    }

    private String cut(String left, String right) {
        int room = columns - right.length() - 1;
        String shown = left.length() <= room ? left : left.substring(0, room - 1) + "…";
        return shown + " ".repeat(Math.max(1, room - shown.length() + 1)) + right;
    }

    private final class Row implements Activity {

        private final String title;
        private final Instant started;
        private final Deque<String> tail = new ArrayDeque<>();
        private String detail = "";

        Row(String title, Instant started) {
            this.title = title;
            this.started = started;
        }

        @Override
        public void output(byte[] line) {
            String text = Printable.line(new String(line, StandardCharsets.UTF_8));
            lock.lock();
            try {
                tail.addLast(text);
                if (tail.size() > LINES_OF_OUTPUT) {
                    tail.removeFirst();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void detail(String text) {
            lock.lock();
            try {
                detail = text;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void note(String text) {
            detail(text);
        }

        @Override
        public void done(StepResult result) {
            String end = switch (result.outcome()) {
                case RAN -> PlainProgress.seconds(result.took());
                case CACHED -> "CACHED";
                case SHARED -> "SHARED";
                case RESUMED -> "RESUMED";
            };
            List<String> lines = new ArrayList<>();
            lines.add(cut(" => " + title, end));
            if (!result.missReason().isEmpty()) {
                lines.add(cut("    MISS " + Printable.line(result.missReason()), ""));
            }
            leave(lines);
        }

        @Override
        public void failed(String message) {
            List<String> lines = new ArrayList<>();
            lines.add(cut(" => " + title, "ERROR"));
            tail.forEach(line -> lines.add("    " + line));
            leave(lines);
        }

        private void leave(List<String> lines) {
            lock.lock();
            try {
                running.remove(this);
                scroll(lines);
            } finally {
                lock.unlock();
            }
        }
    }
}
