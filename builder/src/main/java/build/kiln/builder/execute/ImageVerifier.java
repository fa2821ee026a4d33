package build.kiln.builder.execute;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.StepFailure;
import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.sandbox.Bounds;
import build.kiln.builder.sandbox.Confined;
import build.kiln.builder.sandbox.DeviceAccess;
import build.kiln.builder.sandbox.ExitStatus;
import build.kiln.builder.sandbox.ProcessSpec;
import build.kiln.builder.sandbox.ProcessUser;
import build.kiln.builder.sandbox.Sandbox;
import build.kiln.builder.sandbox.UnknownUserException;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/// Runs the command of a [Verification] in an image that was built, as a container of it would run: with its user,
/// environment and working directory, isolated as a RUN is, and with nothing of the build besides. What it writes is
/// thrown away.
public final class ImageVerifier {

    private final Verification verification;
    private final Supplier<Snapshots> snapshots;
    private final Supplier<Sandbox> sandbox;
    private final Path workspace;
    private final VolumeRoom volume;
    private final int processes;
    private final Instant deadline;
    private final Progress progress;
    private final Clock clock;

    /// @param workspace the cache volume's, where the root file system is mounted
    /// @param volume what the command may write there
    /// @param processes how many it may have at once
    /// @param deadline of the whole build
    public ImageVerifier(
            Verification verification,
            Supplier<Snapshots> snapshots,
            Supplier<Sandbox> sandbox,
            Path workspace,
            VolumeRoom volume,
            int processes,
            Instant deadline,
            Progress progress,
            Clock clock) {
        this.verification = verification;
        this.snapshots = snapshots;
        this.sandbox = sandbox;
        this.workspace = workspace;
        this.volume = volume;
        this.processes = processes;
        this.deadline = deadline;
        this.progress = progress;
        this.clock = clock;
    }

    /// Which of the build's images it is.
    public enum Among {
        ONE,
        SEVERAL_PLATFORMS
    }

    /// Runs the command in the image; returns when the image has passed. Layers that nobody has unpacked yet are
    /// unpacked first.
    ///
    /// @param whereItIs where the user finds an image that fails, in a whole sentence
    /// @throws BuildFailure `VerifyFailed`; or what kept it from being run
    public void verify(BuiltImage image, Among among, String whereItIs) throws InterruptedException {
        Platform platform = image.config().platform();
        Progress.Activity activity = progress.start("["
                + (among == Among.SEVERAL_PLATFORMS ? platform + " " : "") + "verify] "
                + String.join(" ", verification.run()));
        Instant start = clock.instant();
        try {
            run(image, activity, whereItIs);
            activity.done(StepResult.ran(Duration.between(start, clock.instant())));
        } catch (BuildFailure e) {
            activity.failed(e.getMessage());
            throw e;
        } catch (RuntimeException | InterruptedException e) {
            activity.failed("stopped");
            throw e;
        }
    }

    private void run(BuiltImage image, Progress.Activity activity, String whereItIs) throws InterruptedException {
        Sandbox opened = openSandbox();
        List<Path> directories =
                new Chain(image.layers()).sideBySide(layer -> image.bytes().directory(layer));
        LogTail tail = new LogTail();
        try (RootFilesystem root = snapshots.get().mount(directories)) {
            Duration left = Duration.between(clock.instant(), deadline);
            boolean endsBuild = left.compareTo(verification.timeout()) < 0;
            RunRoom room = new RunRoom(volume, workspace, List.of(root.written()));
            ExitStatus status = opened.run(
                    root,
                    spec(image.config().config(), root, whereItIs),
                    (stream, line) -> {
                        activity.output(line);
                        tail.add(line);
                    },
                    new Bounds(
                            !endsBuild ? verification.timeout() : left.isPositive() ? left : Duration.ofMillis(1),
                            processes,
                            room));
            if (!status.succeeded()) {
                throw failure(
                        status, tail.lines(), room, endsBuild, image.config().platform(), whereItIs);
            }
        }
    }

    /// Where there is none, the failure names who needs one.
    private Sandbox openSandbox() {
        try {
            return sandbox.get();
        } catch (PlatformFailure e) {
            if (e.reason() == Reason.IsolationUnavailable && e.place().isEmpty()) {
                throw new PlatformFailure(e.reason(), verification.place(), e.fact(), e.advice(), e);
            }
            throw e;
        }
    }

    private ProcessSpec spec(ContainerConfig config, RootFilesystem root, String whereItIs) {
        return new ProcessSpec(
                verification.run(),
                config.env(),
                user(root, config.user(), whereItIs),
                config.workingDir().isEmpty() ? "/" : config.workingDir(),
                null,
                List.of(),
                verification.network(),
                ProcessSpec.HOSTNAME,
                List.of(),
                List.of(),
                0,
                Confined.AS_A_CONTAINER,
                DeviceAccess.NONE);
    }

    private ProcessUser user(RootFilesystem root, String user, String whereItIs) {
        try {
            return ProcessUser.find(root, user);
        } catch (UnknownUserException e) {
            throw failure(
                    Reason.VerifyFailed,
                    "the image cannot be run: " + e.getMessage(),
                    "Make the user in a RUN, or give its number. " + whereItIs,
                    -1,
                    List.of());
        }
    }

    private BuildFailure failure(
            ExitStatus status,
            List<String> tail,
            RunRoom room,
            boolean endsBuild,
            Platform platform,
            String whereItIs) {
        String took = String.format(Locale.ROOT, "%.1f s", status.duration().toMillis() / 1000.0);
        return switch (status.ending()) {
            case EXITED ->
                FullVolume.hasStopped(workspace, tail)
                        ? new PlatformFailure(
                                Reason.DiskFull,
                                verification.place(),
                                "the command ended with exit status " + status.code()
                                        + ", because where it writes there is no space left on device.",
                                "Give the cache volume more room.")
                        : failure(
                                Reason.VerifyFailed,
                                "the command ended with exit status " + status.code() + " after " + took + ".",
                                ExitAdvice.of(status.code(), tail, processes) + " " + whereItIs,
                                status.code(),
                                tail);
            case NOT_STARTED -> notStarted(status, tail, platform, whereItIs);
            case TIMED_OUT ->
                endsBuild
                        ? failure(
                                Reason.TimedOut,
                                "the command was still running when the time for the build was over, after " + took
                                        + ", and was stopped.",
                                "Give the build more time (spec.timeout).",
                                status.code(),
                                tail)
                        : failure(
                                Reason.VerifyFailed,
                                "the command was still running after " + took + ", which is all the time that it has,"
                                        + " and was stopped.",
                                "Choose a command that ends by itself, or give it more time. " + whereItIs,
                                status.code(),
                                tail);
            case OUT_OF_MEMORY ->
                failure(
                        Reason.OutOfMemory,
                        "the command was killed after " + took + " because the memory of the pod was used up.",
                        "Give the build more memory (spec.pod.resources).",
                        status.code(),
                        tail);
            case TOO_MANY_PROCESSES ->
                failure(
                        Reason.VerifyFailed,
                        "the command was stopped after " + took + " because it had more than " + processes
                                + " processes and threads at once.",
                        ExitAdvice.PROCESSES + " " + whereItIs,
                        status.code(),
                        tail);
            case OVERRUN ->
                failure(
                        Reason.DiskFull,
                        "the command was stopped after " + took + " because it needs too much room: " + room.seen()
                                + ".",
                        "Let it write less, or give the cache volume more room.",
                        status.code(),
                        tail);
        };
    }

    private StepFailure notStarted(ExitStatus status, List<String> tail, Platform platform, String whereItIs) {
        Platform machine = Platform.ofThisMachine();
        boolean foreign = !platform.architecture().equals(machine.architecture());
        return failure(
                Reason.VerifyFailed,
                "\"" + verification.run().getFirst() + "\" "
                        + (foreign
                                ? "of " + platform + " could not be started on a machine of " + machine + " "
                                : "could not be started ")
                        + "(exit status " + status.code() + ")"
                        + (tail.isEmpty() ? "." : ": " + tail.getLast()),
                (foreign
                                ? "Register an emulator for " + platform.architecture() + " on this machine (the"
                                        + " package qemu-user-static does), or build on a machine of " + platform + ". "
                                : "Name a program that the image has. There is no shell around the command: to have one,"
                                        + " write it out, as in [\"/bin/sh\", \"-c\", \"…\"]. ")
                        + whereItIs,
                status.code(),
                tail);
    }

    private StepFailure failure(Reason reason, String fact, String advice, int exitCode, List<String> tail) {
        return new StepFailure(reason, verification.place(), fact, advice, verification.title(), exitCode, tail);
    }
}
