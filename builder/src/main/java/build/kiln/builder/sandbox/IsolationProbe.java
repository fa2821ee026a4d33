package build.kiln.builder.sandbox;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.linux.DeviceNumber;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.FileType;
import build.kiln.builder.linux.SystemCallFailure;
import build.kiln.builder.sandbox.Isolation.LeftOut;
import build.kiln.builder.sandbox.Isolation.Rung;
import build.kiln.builder.snapshot.Form;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Finds out what isolation works here, by trying it: what a pod's specification promises, an old runtime may
/// ignore.
///
/// The rungs are tried from the best one on, and the first that works ends it. So where everything works nothing is
/// spent
/// on reasons.
public final class IsolationProbe {

    private static final Duration ENOUGH_TIME = Duration.ofSeconds(20);

    /// What the lower rungs try to start: a program that is not there. All that comes before it has worked then.
    private static final String NO_PROGRAM = "/kiln-probe";

    private static final int NOT_FOUND = 127;

    /// The kernel has this number built in.
    private static final String PID_SPACE_OF_THE_MACHINE = "pid:[4026531836]";

    /// What it takes to change the root, and to be any user of the image there.
    private static final List<String> NEEDED_FOR_CHROOT = List.of(
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_MKNOD",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_CHROOT");

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
        Surroundings surroundings;
        try {
            ids = IdMap.ofThisProcess();
            surroundings = Surroundings.ofThisProcess();
        } catch (IOException e) {
            IdMap none = new IdMap(List.of(), List.of());
            String why = "/proc cannot be read: " + e.getMessage() + ".";
            return new Isolation(Rung.ASSEMBLE, none, leftOut(Rung.USERNS, Rung.ASSEMBLE, why), List.of());
        }
        List<LeftOut> leftOut = new ArrayList<>(leftOut(Rung.USERNS, strongest, "It was not asked for."));
        if (strongest.compareTo(Rung.NESTED) <= 0) {
            Optional<String> obstacle = namespaceObstacle(ids, surroundings).or(() -> overlayObstacle(surroundings));
            if (obstacle.isPresent()) {
                leftOut.addAll(leftOut(strongest, Rung.CHROOT, obstacle.get()));
            } else {
                for (Rung rung : List.of(Rung.USERNS, Rung.NESTED)) {
                    if (rung.compareTo(strongest) >= 0) {
                        Optional<String> why = rung == Rung.USERNS ? ownProcObstacle() : obstacleTo(rung, ids);
                        if (why.isEmpty()) {
                            return new Isolation(rung, ids, leftOut, remarks(rung, ids));
                        }
                        leftOut.add(new LeftOut(rung, why.get()));
                    }
                }
            }
        }
        if (strongest != Rung.ASSEMBLE) {
            Optional<String> why = chrootObstacle(surroundings).or(() -> obstacleTo(Rung.CHROOT, ids));
            if (why.isEmpty()) {
                return new Isolation(Rung.CHROOT, ids, leftOut, List.of());
            }
            leftOut.add(new LeftOut(Rung.CHROOT, why.get()));
        }
        return new Isolation(Rung.ASSEMBLE, ids, leftOut, List.of());
    }

    /// The rungs from `first` on that are better than `end`, all for the same reason.
    private static List<LeftOut> leftOut(Rung first, Rung end, String reason) {
        List<LeftOut> all = new ArrayList<>();
        for (Rung rung : Rung.values()) {
            if (rung.compareTo(first) >= 0 && rung.compareTo(end) < 0) {
                all.add(new LeftOut(rung, reason));
            }
        }
        return all;
    }

    private static List<String> remarks(Rung rung, IdMap ids) {
        long count = (rung == Rung.NESTED ? ids.without(OtherUser.UID) : ids).count();
        long enough = rung == Rung.NESTED ? OtherUser.UID : IdMap.ENOUGH;
        return count >= enough
                ? List.of()
                : List.of("There are only " + count + " user ids here instead of " + enough
                        + ": a RUN that gives a file to a higher one fails.");
    }

    private Optional<String> namespaceObstacle(IdMap ids, Surroundings surroundings) {
        if (refusal != null) {
            return Optional.of(refusal);
        }
        return ids.isWholeMachine()
                        || ids.count() == 0
                        || !surroundings.capabilities().contains("CAP_SYS_ADMIN")
                ? Optional.of("The builder is not root of a user namespace of its own: it was not started through"
                        + " enter-namespaces.")
                : Optional.empty();
    }

    private Optional<String> overlayObstacle(Surroundings surroundings) {
        try (Snapshots snapshots = Snapshots.open(workspace);
                RootFilesystem root = snapshots.mount(List.of())) {
            root.makeDirectories("/probe", 0, 0);
            root.unmount();
            return Optional.empty();
        } catch (BuildFailure e) {
            String advice = surroundings.advice();
            return Optional.of(e.getMessage() + (advice.isEmpty() ? "" : " " + advice));
        }
    }

    private static Optional<String> ownProcObstacle() {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                    OciRuntime.isolated(Bounds.USUAL_PROCESSES, List.of(OciRuntime.PROGRAM, "--version")));
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

    private Optional<String> chrootObstacle(Surroundings surroundings) {
        if (surroundings.uid() != 0) {
            return Optional.of("The builder is user " + surroundings.uid() + ", and only root may change the root of a"
                    + " process. In a pod, leave securityContext.runAsUser unset or set it to 0.");
        }
        Set<String> missing = NEEDED_FOR_CHROOT.stream()
                .filter(one -> !surroundings.capabilities().contains(one))
                .collect(Collectors.toSet());
        if (!missing.isEmpty()) {
            return Optional.of("Root has not the capabilities "
                    + missing.stream()
                            .map(one -> one.substring("CAP_".length()))
                            .sorted()
                            .collect(Collectors.joining(", "))
                    + " here. In a pod, do not drop those that a container has by default.");
        }
        return deviceObstacle();
    }

    /// Without a /dev/null of its own hardly anything runs.
    private Optional<String> deviceObstacle() {
        try {
            Path folder = Files.createTempDirectory(workspace, "probe-");
            byte[] name = "null".getBytes(StandardCharsets.US_ASCII);
            try (Directory directory = Directory.open(folder)) {
                directory.makeNode(name, FileType.CHARACTER_DEVICE, 0600, new DeviceNumber(1, 3));
                Files.write(folder.resolve("null"), name);
                return Optional.empty();
            } finally {
                Files.deleteIfExists(folder.resolve("null"));
                Files.delete(folder);
            }
        } catch (SystemCallFailure e) {
            return Optional.of("The node of /dev/null cannot be made (" + e.getMessage()
                    + "). In a pod, leave hostUsers" + " unset: in a user namespace there are no device nodes.");
        } catch (IOException e) {
            return Optional.of("The node of /dev/null cannot be used on the cache's file system (" + e.getMessage()
                    + "). Mount it without the option nodev.");
        }
    }

    private static boolean isMachinesPidSpace() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/pid"))
                    .toString()
                    .equals(PID_SPACE_OF_THE_MACHINE);
        } catch (IOException e) {
            return true;
        }
    }

    /// Starts something as a RUN is started on that rung.
    private Optional<String> obstacleTo(Rung rung, IdMap ids) {
        if (isMachinesPidSpace()) {
            return Optional.of(
                    "This is no container: a RUN that shares the builder's pid space could signal all processes"
                            + " of the machine.");
        }
        if (!OtherUser.isPossible()) {
            return Optional.of("The builder was not started through enter-namespaces, so a RUN in its pid space could"
                    + " signal it.");
        }
        Isolation candidate = new Isolation(rung, ids, List.of(), List.of());
        Form form = rung == Rung.CHROOT ? Form.UNPACKED : Form.MOUNTED;
        try (Snapshots snapshots = Snapshots.open(workspace, form);
                Sandbox sandbox = Sandbox.open(candidate, snapshots);
                RootFilesystem root = snapshots.mount(List.of())) {
            List<String> said = new ArrayList<>();
            ExitStatus status = sandbox.run(
                    root,
                    ProcessSpec.of(List.of(NO_PROGRAM), List.of(), "/"),
                    (stream, line) -> said.add(new String(line, StandardCharsets.UTF_8)),
                    Bounds.of(ENOUGH_TIME));
            return status.code() == NOT_FOUND
                    ? Optional.empty()
                    : Optional.of("A process could not be started in it (status " + status.code() + "): "
                            + String.join(" ", said) + ".");
        } catch (BuildFailure e) {
            return Optional.of(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("The probe was interrupted.");
        }
    }
}
