package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.StepFailure;
import build.kiln.builder.layer.Changeset;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.plan.Step;
import build.kiln.builder.sandbox.Bounds;
import build.kiln.builder.sandbox.Confined;
import build.kiln.builder.sandbox.ExitStatus;
import build.kiln.builder.sandbox.NetworkAccess;
import build.kiln.builder.sandbox.ProcessSpec;
import build.kiln.builder.sandbox.ProcessUser;
import build.kiln.builder.sandbox.Sandbox;
import build.kiln.builder.sandbox.UnknownUserException;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.source.FileMarks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/// RUN: a process in an overlay of the layers; what it leaves in the upper directory is the layer.
final class RunWork implements StepWork {

    private final Step.Run step;
    private final StageWork stage;
    private final Cache cache;
    private final Supplier<Sandbox> sandbox;
    private final VolumeRoom volume;
    private final Progress progress;
    private final Clock clock;
    private final RunMounts mounts;

    RunWork(
            Step.Run step,
            StageWork stage,
            Cache cache,
            Supplier<Sandbox> sandbox,
            VolumeRoom volume,
            Progress progress,
            Clock clock) {
        this.step = step;
        this.stage = stage;
        this.cache = cache;
        this.sandbox = sandbox;
        this.volume = volume;
        this.progress = progress;
        this.clock = clock;
        this.mounts = new RunMounts(step, stage, cache);
    }

    @Override
    public Map<String, Digest> identities() throws InterruptedException {
        return withSettings(mounts.identities());
    }

    @Override
    public Map<String, Digest> contents() throws InterruptedException {
        return withSettings(mounts.contents());
    }

    /// A RUN reads what holds for all RUNs, too: from `/etc/hosts`, its host name, its limits.
    private Map<String, Digest> withSettings(Map<String, Digest> mounted) {
        Map<String, Digest> all = new LinkedHashMap<>(mounted);
        all.putAll(stage.job().run().seenByRuns());
        String hostname = stage.job().plan().hostname();
        if (hostname != null) {
            all.put("--build-arg BUILDKIT_SANDBOX_HOSTNAME", Digest.of(hostname.getBytes(StandardCharsets.UTF_8)));
        }
        return all;
    }

    @Override
    public Map<String, FileMarks> files() {
        return mounts.files();
    }

    @Override
    public LayerMaker.Blob blob() {
        return stage.isInImage() ? LayerMaker.Blob.COMPRESSED : LayerMaker.Blob.NONE;
    }

    @Override
    public LayerMaker.Kept run(Progress.Activity activity, LayerMaker maker) throws InterruptedException {
        RungLimits.Hostname hostname =
                stage.job().plan().hostname() == null ? RungLimits.Hostname.USUAL : RungLimits.Hostname.CHOSEN;
        Sandbox opened = openSandbox();
        new RungLimits(opened.isolation(), stage.place(step.label()))
                .check(step, stage.job().run(), hostname);
        // Where cache mounts were moved into the root, they are back when others may have them.
        try (RunMounts.Opened seen = mounts.open(activity);
                RootFilesystem root = stage.mount()) {
            LogTail tail = new LogTail();
            List<Path> written = new ArrayList<>(seen.written());
            written.add(root.written());
            RunRoom room = new RunRoom(volume, stage.workspace(), written);
            progress.waits();
            ExitStatus status = opened.run(
                    root,
                    spec(root, seen),
                    (stream, line) -> {
                        activity.output(line);
                        tail.add(line);
                    },
                    new Bounds(remaining(), stage.job().run().processes(), room));
            if (!status.succeeded()) {
                boolean isFull = status.ending() == ExitStatus.Ending.EXITED
                        && FullVolume.hasStopped(stage.workspace(), tail.lines());
                if (status.ending() == ExitStatus.Ending.OVERRUN || isFull && room.isToBlame()) {
                    seen.discard(room::isLarge);
                    throw overrun(status, tail.lines(), room);
                }
                if (isFull) {
                    throw new PlatformFailure(
                            Reason.DiskFull,
                            stage.place(step.label()),
                            "RUN ended with exit status " + status.code()
                                    + ", because where it writes there is no space left on device.",
                            "Give the cache volume more room.");
                }
                throw failure(status, tail.lines(), room);
            }
            Path changes = root.unmount();
            // Meanwhile the processor compresses; what is on the disk by then does not have to be waited for.
            cache.startWriting(changes);
            LayerMaker.Kept kept =
                    maker.make(sink -> Changeset.of(changes, OverlayXattrs.USER).writeTo(sink), blob());
            cache.publishLayer(kept.layer().diffId(), changes);
            return kept;
        }
    }

    /// Where there is none, the failure names the RUN that needs one.
    private Sandbox openSandbox() {
        try {
            return sandbox.get();
        } catch (PlatformFailure e) {
            if (e.reason() == Reason.IsolationUnavailable && e.place().isEmpty()) {
                throw new PlatformFailure(e.reason(), stage.place(step.label()), e.fact(), e.advice(), e);
            }
            throw e;
        }
    }

    private ProcessSpec spec(RootFilesystem root, RunMounts.Opened opened) {
        RunSettings settings = stage.job().run();
        List<String> env = new ArrayList<>(step.env());
        env.addAll(step.uncachedEnv());
        env.addAll(opened.environment());
        String hostname = stage.job().plan().hostname();
        return new ProcessSpec(
                step.args(),
                env,
                user(root),
                step.cwd(),
                step.stdin(),
                opened.mounts(),
                switch (step.network()) {
                    case DEFAULT -> NetworkAccess.DEFAULT;
                    case NONE -> NetworkAccess.NONE;
                    case HOST -> NetworkAccess.HOST;
                },
                hostname == null ? ProcessSpec.HOSTNAME : hostname,
                settings.addHosts().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(host -> new ProcessSpec.Host(host.getKey(), host.getValue()))
                        .toList(),
                settings.ulimits(),
                settings.shmBytes(),
                switch (step.security()) {
                    case SANDBOX -> Confined.AS_A_CONTAINER;
                    case INSECURE -> Confined.BY_NAMESPACES_ONLY;
                },
                opened.devices());
    }

    private ProcessUser user(RootFilesystem root) {
        try {
            return ProcessUser.find(root, step.user());
        } catch (UnknownUserException e) {
            throw stage.failure(Reason.UserNotFound, step.label(), String.valueOf(e.getMessage()), "");
        }
    }

    private Duration remaining() {
        Duration left = Duration.between(clock.instant(), stage.job().run().deadline());
        return left.isPositive() ? left : Duration.ofMillis(1);
    }

    private StepFailure failure(ExitStatus status, List<String> tail, RunRoom room) {
        String took = took(status);
        String where = where();
        int processes = stage.job().run().processes();
        return switch (status.ending()) {
            case EXITED ->
                failure(
                        Reason.RunFailed,
                        "RUN ended with exit status " + status.code() + " after " + took + " " + where + ".",
                        ExitAdvice.of(status.code(), tail, processes),
                        status,
                        tail);
            case NOT_STARTED -> notStarted(where, status, tail);
            case TIMED_OUT ->
                failure(
                        Reason.TimedOut,
                        "RUN was still running when the time for the build was over, after " + took + " " + where
                                + ", and was stopped.",
                        "Make it faster, or give the build more time (spec.timeout).",
                        status,
                        tail);
            case OUT_OF_MEMORY ->
                failure(
                        Reason.OutOfMemory,
                        OutOfMemory.fact(status, took, where),
                        OutOfMemory.advice(status.memory()),
                        status,
                        tail);
            case TOO_MANY_PROCESSES ->
                failure(
                        Reason.RunFailed,
                        "RUN was stopped after " + took + " because it had more than " + processes
                                + " processes and threads at once " + where + ".",
                        ExitAdvice.PROCESSES,
                        status,
                        tail);
            case OVERRUN -> overrun(status, tail, room);
        };
    }

    /// Final: the RUN would fill any other place as well.
    private StepFailure overrun(ExitStatus status, List<String> tail, RunRoom room) {
        return failure(
                Reason.DiskFull,
                "RUN was stopped after " + took(status) + " because it needs too much room " + where() + ": "
                        + room.seen() + ".",
                "Let the step write less, or give the cache volume more room.",
                status,
                tail);
    }

    private static String took(ExitStatus status) {
        return String.format(Locale.ROOT, "%.1f s", status.duration().toMillis() / 1000.0);
    }

    private String where() {
        return "(stage \"" + stage.planned().name() + "\", step " + step.label().number() + " of "
                + step.label().total() + ")";
    }

    private StepFailure notStarted(String where, ExitStatus status, List<String> tail) {
        Platform machine = Platform.ofThisMachine();
        Platform wanted = stage.planned().platform();
        boolean foreign = !wanted.architecture().equals(machine.architecture());
        return failure(
                Reason.RunFailed,
                "RUN could not start \"" + step.args().getFirst() + "\" "
                        + (foreign ? "of " + wanted + " on a machine of " + machine + " " : "")
                        + "(exit status " + status.code() + ") " + where
                        + (tail.isEmpty() ? "." : ": " + tail.getLast()),
                foreign
                        ? "Register an emulator for " + wanted.architecture() + " on this machine (the package"
                                + " qemu-user-static does), or build on a machine of " + wanted + ", or run this"
                                + " step in a stage that begins with FROM --platform=$BUILDPLATFORM."
                        : "Install the program in the image, or name another shell with SHELL.",
                status,
                tail);
    }

    private StepFailure failure(Reason reason, String fact, String advice, ExitStatus status, List<String> tail) {
        return new StepFailure(
                reason, stage.place(step.label()), fact, advice, step.label().text(), status.code(), tail);
    }
}
