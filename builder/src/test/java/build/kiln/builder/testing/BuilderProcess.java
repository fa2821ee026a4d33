package build.kiln.builder.testing;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A `kiln build` in a process of its own, for what one process cannot show: builders at the same time, and dead ones.
///
/// It has its own namespaces, as always: when it is killed, its mounts go with it.
///
/// @param output what it printed on both streams so far
public record BuilderProcess(Process process, Path output) implements AutoCloseable {

    /// @param output is overwritten
    public static BuilderProcess start(Path output, String... arguments) throws IOException {
        return startProgram(output, List.of("build.kiln.builder.app.Kiln"), arguments);
    }

    /// As [#start], by another program than `kiln`.
    ///
    /// @param program its main class, and what that gets before the arguments that `kiln` gets
    public static BuilderProcess startProgram(Path output, List<String> program, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "src/main/sh/enter-namespaces",
                ProcessHandle.current().info().command().orElseThrow(),
                "@src/main/sh/java-options",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(program);
        command.addAll(List.of("build", "--progress", "plain"));
        command.addAll(List.of(arguments));
        File file = output.toFile();
        return new BuilderProcess(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(file)
                        .start(),
                output);
    }

    public String text() throws IOException {
        return Files.readString(output, StandardCharsets.UTF_8);
    }

    /// Waits until the builder has printed this; an [AssertionError] with all that it printed if it ends before.
    public void awaitText(String expected) throws IOException, InterruptedException {
        while (!text().contains(expected)) {
            if (!process.isAlive() && !text().contains(expected)) {
                throw new AssertionError("The builder ended without \"" + expected + "\":\n" + text());
            }
            Thread.sleep(10);
        }
    }

    /// Waits for the end; an [AssertionError] with all that it printed if it ends badly.
    public String succeeded() throws IOException, InterruptedException {
        if (process.waitFor() != 0) {
            throw new AssertionError("The builder ended with exit status " + process.exitValue() + ":\n" + text());
        }
        return text();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
