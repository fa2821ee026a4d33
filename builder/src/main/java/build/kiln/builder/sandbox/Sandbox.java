package build.kiln.builder.sandbox;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Defect;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.linux.FileSystemStatus;
import build.kiln.builder.linux.MountFlag;
import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.sandbox.Isolation.Rung;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs processes isolated, any number at once.
///
/// On the best rung a process has its own user, mount, pid, ipc and uts namespaces, the capabilities that Docker
/// gives, and a filter of system calls; on the others, fewer of them (see [Isolation.Rung]). It sees its image, what
/// [ProcessSpec] names, and nothing of the builder: neither its
/// processes and files nor its environment. When it ends, everything that it started is killed; when the builder
/// dies, so does it.
public final class Sandbox implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);

    /// crun refuses machines that mix both versions of cgroups, also if it is told to leave cgroups alone. Such a
    /// machine has the second version here, without anything in it; the builder hides it from itself.
    private static final Path SECOND_CGROUPS = Path.of("/sys/fs/cgroup/unified");

    /// A file system in memory that every container has.
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Isolation isolation;
    private final Path memory;
    private final MemoryCgroup memoryCgroup = MemoryCgroup.ofThisProcess();
    private final @Nullable Orphans orphans;
    private final @Nullable Thread ending;
    private final Set<String> capabilities;

    private Sandbox(Isolation isolation, Path memory, @Nullable Orphans orphans, Set<String> capabilities) {
        this.isolation = isolation;
        this.memory = memory;
        this.orphans = orphans;
        this.ending = orphans == null ? null : orphans.endingWithBuilder();
        this.capabilities = capabilities;
    }

    /// @param snapshots in whose root file systems the processes will run; to be closed after this
    /// @throws BuildFailure `IsolationUnavailable` if processes cannot be isolated here
    public static Sandbox open(Isolation isolation, Snapshots snapshots) {
        isolation.requireRun();
        try {
            Path memory = memory(isolation.rung(), snapshots);
            Orphans orphans = null;
            if (isolation.rung() != Rung.USERNS) {
                orphans = Orphans.adopted();
                OtherUser.become();
            }
            return new Sandbox(
                    isolation, memory, orphans, Surroundings.ofThisProcess().capabilities());
        } catch (IOException e) {
            throw unavailable("The sandbox could not be set up: " + e.getMessage() + ".", e);
        }
    }

    private static Path memory(Rung rung, Snapshots snapshots) throws IOException {
        if (rung != Rung.CHROOT) {
            Path memory = snapshots.newFolder("sandbox");
            mountTmpfs(memory, "mode=0700,size=64m");
            if (Files.exists(SECOND_CGROUPS)) {
                mountTmpfs(SECOND_CGROUPS, "mode=0755,size=4k");
            }
            return memory;
        }
        return FileSystemStatus.of(NativePath.of(SHARED_MEMORY)).isTmpfs() && Files.isWritable(SHARED_MEMORY)
                ? Files.createTempDirectory(SHARED_MEMORY, "kiln-sandbox-")
                : snapshots.newFolder("sandbox");
    }

    private static void mountTmpfs(Path place, String options) throws IOException {
        Set<MountFlag> flags = Set.of(MountFlag.NO_SETUID, MountFlag.NO_DEVICES);
        Mounts.mount(bytes("kiln"), NativePath.of(place), "tmpfs", flags, bytes(options));
    }

    public Isolation isolation() {
        return isolation;
    }

    /// Runs a process to its end and gives how it ended: also a program that is missing is an exit status, and
    /// its reason a line of output. When this returns, nothing that the process started is alive any more, and
    /// its output has been handed on.
    ///
    /// @param root what it changes stays there
    /// @param bounds with which it is killed
    /// @throws InterruptedException if the calling thread is interrupted; everything is killed by then
    /// @throws BuildFailure `IsolationUnavailable` if the process cannot be set up as it was asked for
    public ExitStatus run(RootFilesystem root, ProcessSpec spec, OutputSink out, Bounds bounds)
            throws InterruptedException {
        if (isolation.rung() != Rung.USERNS && spec.user().uid() == OtherUser.UID) {
            throw new PlatformFailure(
                    Reason.IsolationUnavailable,
                    "",
                    "With the isolation \"" + isolation.rung().word() + "\" the user " + OtherUser.UID
                            + " is the builder's own: a process that is this user could signal it.",
                    "Choose another number for the USER.");
        }
        Run run = new Run(memory, isolation, memoryCgroup, orphans, capabilities, root, spec, out);
        FutureTask<ExitStatus> task = new FutureTask<>(() -> run.toTheEnd(bounds));
        Thread thread = Thread.ofPlatform().name("sandbox").start(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            run.kill();
            thread.join();
            throw e;
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    private static RuntimeException failure(ExecutionException failed) {
        return switch (failed.getCause()) {
            case RuntimeException e -> e;
            case IOException e -> unavailable("An isolated process could not be started: " + e.getMessage() + ".", e);
            case null, default -> new Defect("An isolated process could not be started.", failed);
        };
    }

    private static PlatformFailure unavailable(String fact, IOException cause) {
        return new PlatformFailure(
                Reason.IsolationUnavailable, "", fact, "docs/security.md says what a RUN needs.", cause);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void forgetEnding() {
        if (ending != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(ending);
            } catch (IllegalStateException e) {
                LOG.debug("The builder is ending already.");
            }
        }
    }

    @Override
    public void close() {
        forgetEnding();
        try {
            if (isolation.rung() == Rung.CHROOT) {
                Files.deleteIfExists(memory);
                return;
            }
            Mounts.detach(NativePath.of(memory));
            if (Files.exists(SECOND_CGROUPS)) {
                Mounts.detach(NativePath.of(SECOND_CGROUPS));
            }
        } catch (IOException e) {
            LOG.warn("The sandbox's memory is freed when the builder ends: {}", e.toString());
        }
    }
}
