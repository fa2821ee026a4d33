package build.kiln.builder.app;

import build.kiln.builder.execute.Progress;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.report.JsonProgress;
import build.kiln.builder.report.LintAtEnd;
import build.kiln.builder.report.PlainProgress;
import build.kiln.builder.report.TerminalProgress;

/// The progress that `--progress` asks for, while it is shown.
///
/// @param end what has to be done at the end
record ProgressDisplay(Progress progress, Runnable end) implements AutoCloseable {

    private static final int COLUMNS = 100;

    /// @param kind what the user wants; empty for what `$BUILDKIT_PROGRESS` says, else `auto`
    static ProgressDisplay open(String kind, Environment environment) {
        String variable = environment.get("BUILDKIT_PROGRESS");
        String wanted = !kind.isEmpty() ? kind : variable == null ? "auto" : variable;
        return switch (wanted) {
            case "auto" -> hasTerminal(environment) ? terminal(environment) : plain(environment);
            case "tty" -> terminal(environment);
            case "plain" -> plain(environment);
            case "json", "rawjson" -> new ProgressDisplay(new JsonProgress(environment.err()), () -> {});
            case "quiet", "none" -> new ProgressDisplay(Progress.none(), () -> {});
            default ->
                throw new RequestFailure(
                        Reason.RequestInvalid,
                        kind.isEmpty() ? "BUILDKIT_PROGRESS=" + wanted : "--progress " + wanted,
                        "there is no such kind of progress.",
                        "Choose auto, tty, plain, json, rawjson, quiet or none.");
        };
    }

    /// `$TERM` and a console: standard error is then taken to be the same terminal.
    private static boolean hasTerminal(Environment environment) {
        String term = environment.get("TERM");
        return term != null
                && !term.equals("dumb")
                && System.console() != null
                && System.console().isTerminal();
    }

    private static ProgressDisplay plain(Environment environment) {
        LintAtEnd lint = new LintAtEnd(new PlainProgress(environment.err(), environment.clock()), environment.err());
        return new ProgressDisplay(lint, lint::print);
    }

    private static ProgressDisplay terminal(Environment environment) {
        String wide = environment.get("COLUMNS");
        int columns = wide != null && wide.matches("[0-9]{1,4}") ? Integer.parseInt(wide) : COLUMNS;
        TerminalProgress terminal = new TerminalProgress(environment.err(), environment.clock(), columns);
        LintAtEnd lint = new LintAtEnd(terminal, environment.err());
        return new ProgressDisplay(lint, () -> {
            terminal.close();
            lint.print();
        });
    }

    @Override
    public void close() {
        end.run();
    }
}
