package build.kiln.bench.contender;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Programs of this machine.
final class Programs {

    private Programs() {}

    static List<String> missing(String... programs) {
        return Stream.of(programs).filter(program -> find(program) == null).toList();
    }

    private static @Nullable Path find(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /// Runs a program that prepares or cleans up.
    static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException("\"" + String.join(" ", command) + "\" ended with exit status " + status);
        }
    }
}
