package build.kiln.builder.sandbox;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.sandbox.Isolation.LeftOut;
import build.kiln.builder.sandbox.Isolation.Rung;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds out what isolation works here, by trying it: what a pod's specification promises, an old runtime may
/// ignore.
public final class IsolationProbe {

    private final Path workspace;
    private final @Nullable String refusal;

    /// @param workspace where root file systems will be mounted: whether that works depends on its file system
    public IsolationProbe(Path workspace) {
        this(workspace, null);
    }

    /// @param refusal what `enter-namespaces` said where it could make no namespaces; null if it made them
    public IsolationProbe(Path workspace, @Nullable String refusal) {
        this.workspace = workspace;
        this.refusal = refusal;
    }

    /// Takes some ten milliseconds. Never throws: what does not work is part of the answer.
    public Isolation probe() {
        return probe(Rung.USERNS);
    }

    /// As [#probe()], with no rung that is better than `strongest`.
    public Isolation probe(Rung strongest) {
        IdMap ids;
        try {
            ids = IdMap.ofThisProcess();
        } catch (IOException e) {
            return assembleOnly(new IdMap(List.of(), List.of()), "/proc cannot be read: " + e.getMessage() + ".");
        }
        if (strongest != Rung.USERNS) {
            return assembleOnly(ids, "It was not asked for.");
        }
        Optional<String> obstacle = refusal != null
                ? Optional.of(refusal)
                : namespaceObstacle(ids).or(this::overlayObstacle).or(IsolationProbe::runtimeObstacle);
        if (obstacle.isPresent()) {
            return assembleOnly(ids, obstacle.get());
        }
        List<String> remarks = ids.count() >= IdMap.ENOUGH
                ? List.of()
                : List.of("There are only " + ids.count() + " user ids here instead of " + IdMap.ENOUGH
                        + ": a RUN that gives a file to a higher one fails.");
        return new Isolation(Rung.USERNS, ids, List.of(), remarks);
    }

    private static Isolation assembleOnly(IdMap ids, String reason) {
        return new Isolation(Rung.ASSEMBLE, ids, List.of(new LeftOut(Rung.USERNS, reason)), List.of());
    }

    private static Optional<String> namespaceObstacle(IdMap ids) {
        return ids.isWholeMachine() || ids.count() == 0
                ? Optional.of("The builder is not root of a user namespace of its own: it was not started through"
                        + " enter-namespaces.")
                : Optional.empty();
    }

    private Optional<String> overlayObstacle() {
        try (Snapshots snapshots = Snapshots.open(workspace);
                RootFilesystem root = snapshots.mount(List.of())) {
            root.makeDirectories("/probe", 0, 0);
            root.unmount();
            return Optional.empty();
        } catch (BuildFailure e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> runtimeObstacle() {
        try {
            ProcessBuilder builder = new ProcessBuilder(OciRuntime.isolated(List.of(OciRuntime.PROGRAM, "--version")));
            OciRuntime.cleanEnvironment(builder);
            Process process = builder.redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8);
            int status = process.waitFor();
            return status == 0
                    ? Optional.empty()
                    : Optional.of("A process with a pid space and a /proc of its own, and " + OciRuntime.PROGRAM
                            + " in it, cannot be started (status " + status + "): "
                            + String.join(" ", said.strip().lines().toList())
                            + ". In a pod, set procMount: Unmasked together with hostUsers: false.");
        } catch (IOException e) {
            return Optional.of("setpriv and unshare cannot be started: " + e.getMessage() + ".");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("The probe was interrupted.");
        }
    }
}
