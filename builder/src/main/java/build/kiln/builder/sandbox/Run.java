package build.kiln.builder.sandbox;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.sandbox.ExitStatus.Ending;
import build.kiln.builder.sandbox.OutputSink.Stream;
import build.kiln.builder.snapshot.RootFilesystem;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One process, from its start to the end of everything that it started.
///
/// Its thread is the one that the kernel watches: it has to be a platform thread that lives until the process
/// ends.
final class Run {

    private static final Logger LOG = LoggerFactory.getLogger(Run.class);
    private static final int KILLED = 128 + 9;

    /// How often it is looked whether the process goes beyond its bounds. Meanwhile it writes 20 MB, or starts a
    /// hundred
    /// others.
    private static final int LOOKS_MILLIS = 20;

    private final Path memory;
    private final Isolation isolation;
    private final MemoryCgroup memoryCgroup;
    private final @Nullable Orphans orphans;
    private final Set<String> capabilities;
    private final RootFilesystem root;
    private final ProcessSpec spec;
    private final RunOutput output;

    private @Nullable Process process;
    private boolean killed;

    /// @param orphans ends what is left where no pid space does; null where one does
    /// @param capabilities the builder's own
    Run(
            Path memory,
            Isolation isolation,
            MemoryCgroup memoryCgroup,
            @Nullable Orphans orphans,
            Set<String> capabilities,
            RootFilesystem root,
            ProcessSpec spec,
            OutputSink out) {
        this.memory = memory;
        this.isolation = isolation;
        this.memoryCgroup = memoryCgroup;
        this.orphans = orphans;
        this.capabilities = capabilities;
        this.root = root;
        this.spec = spec;
        this.output = new RunOutput(out);
    }

    ExitStatus toTheEnd(Bounds bounds) throws IOException, InterruptedException {
        long started = System.nanoTime();
        long kills = memoryCgroup.kills();
        try (RunFolder folder = RunFolder.make(memory)) {
            folder.fill(root, spec, isolation, capabilities);
            Process running = start(folder.path(), bounds);
            Thread out = output.pump(Stream.OUT, running.getInputStream());
            Thread error = output.pump(Stream.ERROR, running.getErrorStream());
            writeStdin(running);
            Ending ending = waitFor(running, bounds, folder.path());
            if (ending == Ending.TOO_MANY_PROCESSES && orphans != null) {
                orphans.endAtOnce();
            }
            if (ending != Ending.EXITED) {
                kill();
            }
            int code = running.waitFor();
            if (orphans != null) {
                orphans.end();
            }
            // All are gone who could write: the streams end.
            out.join();
            error.join();
            ExitStatus status = ending == Ending.EXITED
                    ? status(code, folder.path(), kills, started)
                    : new ExitStatus(KILLED, ending, since(started));
            if (status.ending() != Ending.EXITED || wasKilled()) {
                output.dropLastWordOfUnshare();
            }
            output.release();
            output.throwSinkFailure();
            return status;
        }
    }

    /// Where no pid space ends with its first process, crun waits also for what that one has left. Nobody else does.
    private Ending waitFor(Process running, Bounds bounds, Path folder) throws IOException, InterruptedException {
        long end = System.nanoTime() + bounds.time().toNanos();
        ProcessCount count = orphans == null ? null : new ProcessCount(bounds.processes());
        long first = 0;
        while (!running.waitFor(LOOKS_MILLIS, TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() > end) {
                return Ending.TIMED_OUT;
            }
            if (bounds.guard().isOverrun()) {
                return Ending.OVERRUN;
            }
            if (count != null && count.isOverrun()) {
                return Ending.TOO_MANY_PROCESSES;
            }
            if (orphans == null) {
                continue;
            }
            if (first == 0) {
                first = firstProcess(folder);
            } else if (!Orphans.isAlive(first, running.pid())) {
                orphans.endBelow(running.pid());
            }
        }
        return Ending.EXITED;
    }

    /// 0 as long as there is none.
    private static long firstProcess(Path folder) throws IOException {
        Path file = OciRuntime.pidFile(folder);
        String text = Files.exists(file) ? Files.readString(file).strip() : "";
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    private synchronized Process start(Path folder, Bounds bounds) throws IOException {
        if (killed) {
            throw new PlatformFailure(Reason.Interrupted, "", "The build was told to stop.", "");
        }
        ProcessBuilder builder = new ProcessBuilder(
                OciRuntime.run(folder, folder.getFileName().toString(), isolation.rung(), bounds.processes()));
        OciRuntime.cleanEnvironment(builder);
        builder.directory(folder.toFile());
        if (spec.stdin() == null) {
            builder.redirectInput(Redirect.from(new File("/dev/null")));
        }
        Process running = builder.start();
        process = running;
        return running;
    }

    private void writeStdin(Process running) {
        String text = spec.stdin();
        if (text != null) {
            Thread.ofPlatform().daemon().name("sandbox-stdin").start(() -> {
                try (OutputStream in = running.getOutputStream()) {
                    in.write(text.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // The process did not want to read it all.
                }
            });
        }
    }

    /// Kills the process with all its children, and waits until they are gone. For any thread.
    void kill() {
        Process running;
        synchronized (this) {
            killed = true;
            running = process;
        }
        if (running != null) {
            endDescendants(running);
            kill(running);
        }
    }

    private synchronized boolean wasKilled() {
        return killed;
    }

    private void endDescendants(Process running) {
        if (orphans != null) {
            try {
                orphans.endBelow(running.pid());
            } catch (IOException e) {
                LOG.warn("What a RUN has started is ended one by one: {}", e.toString());
            }
        }
    }

    private static void kill(Process running) {
        boolean gone = false;
        while (!gone) {
            // The child is the first process of the pid space; the kernel ends all others before it ends.
            List<ProcessHandle> children = running.children().toList();
            children.forEach(ProcessHandle::destroyForcibly);
            if (children.isEmpty()) {
                running.destroyForcibly();
            }
            try {
                gone = running.waitFor(20, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                running.destroyForcibly();
                return;
            }
        }
    }

    private ExitStatus status(int code, Path folder, long killsBefore, long started) throws IOException {
        List<String> errors = code == 0 ? List.of() : StartError.messages(OciRuntime.log(folder), output.heldBack());
        if (errors.isEmpty()) {
            return code != 0 && hasRunOutOfMemory(code, killsBefore)
                    ? new ExitStatus(code, Ending.OUT_OF_MEMORY, since(started), memoryCgroup.use())
                    : new ExitStatus(code, Ending.EXITED, since(started));
        }
        StartError error = StartError.from(errors, spec.args().getFirst())
                .orElseThrow(() -> new PlatformFailure(
                        Reason.IsolationUnavailable,
                        "",
                        "The isolated process could not be set up: " + String.join("; ", errors) + ".",
                        ""));
        output.replaceHeldBack(error.text());
        return new ExitStatus(error.code(), Ending.NOT_STARTED, since(started));
    }

    /// A shell or `make` whose child was killed ends with a status of its own choosing. A kill somewhere on the machine
    /// says nothing about that.
    private boolean hasRunOutOfMemory(int code, long killsBefore) {
        return memoryCgroup.kills() > killsBefore && (code == KILLED || memoryCgroup.isOfThisPod());
    }

    private static Duration since(long started) {
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
