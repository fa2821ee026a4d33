package build.kiln.builder.app;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/// Runs the command line in this process.
final class LocalRuns {

    private LocalRuns() {}

    /// How it ended.
    record Ended(int status, String out, String err) {}

    /// @param home what `HOME` is
    static Ended run(Path home, String... args) {
        return run(Map.of("HOME", home.toString()), args);
    }

    static Ended run(Map<String, String> variables, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(
                new Environment(
                        variables,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Clock.systemUTC()),
                args);
        return new Ended(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
