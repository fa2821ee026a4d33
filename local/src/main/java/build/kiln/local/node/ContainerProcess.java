package build.kiln.local.node;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The process of a container in its namespaces. Process 1 of its pid namespace is the program itself: when it ends,
/// or is killed, everything that it has started is gone.
final class ContainerProcess {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerProcess.class);

    /// What to run.
    ///
    /// @param capabilities as setpriv takes them: `-all,+setuid`
    /// @param memoryBytes 0 for no limit
    record Recipe(
            String hostName,
            List<String> command,
            Map<String, String> environment,
            String workingDirectory,
            String capabilities,
            long memoryBytes,
            List<PodVolumes.Mount> mounts) {}

    private final Process process;
    private final Path outOfMemory;
    private final Thread recorder;

    private ContainerProcess(Process process, Path outOfMemory, Thread recorder) {
        this.process = process;
        this.outOfMemory = outOfMemory;
        this.recorder = recorder;
    }

    /// @param folder of this pod alone
    /// @param scripts where pod.sh and pod-root.sh lie
    static ContainerProcess start(Recipe recipe, Path folder, Path scripts, LogFile log) throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        Path outOfMemory = folder.resolve("out-of-memory");
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                scripts.resolve("pod.sh").toString(),
                recipe.memoryBytes() == 0 ? "" : Long.toString(recipe.memoryBytes()),
                outOfMemory.toString(),
                scripts.resolve("pod-root.sh").toString(),
                root.toString(),
                recipe.hostName(),
                recipe.workingDirectory(),
                recipe.capabilities()));
        for (PodVolumes.Mount mount : recipe.mounts()) {
            command.addAll(
                    List.of(mount.readOnly() ? "ro" : "rw", mount.source().toString(), mount.target()));
        }
        command.add("--");
        command.addAll(recipe.command());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(recipe.environment());
        Process process = builder.start();
        Thread recorder = Thread.ofVirtual().name("log-of-" + recipe.hostName()).start(() -> {
            try {
                log.record(process.getInputStream());
            } catch (IOException e) {
                LOG.warn("The log of pod {} breaks off: {}", recipe.hostName(), e.getMessage());
            }
        });
        return new ContainerProcess(process, outOfMemory, recorder);
    }

    /// Completes with the exit code once the process has ended and its log is complete.
    CompletableFuture<Integer> onExit() {
        return process.onExit()
                .thenApplyAsync(
                        ended -> {
                            try {
                                recorder.join();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return ended.exitValue();
                        },
                        command -> Thread.ofVirtual().start(command));
    }

    boolean ranOutOfMemory() {
        return Files.exists(outOfMemory);
    }

    /// Asks the program to end.
    void terminate() {
        signal("TERM");
    }

    /// Ends the program and all that it started.
    void kill() {
        signal("KILL");
    }

    private void signal(String name) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
            in.flush();
        } catch (IOException e) {
            LOG.debug("The process is gone already: {}", e.getMessage());
        }
    }

    /// Lets go of the process, which ends with it.
    void release() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
