package build.kiln.builder.sandbox;

import build.kiln.builder.linux.Errno;
import build.kiln.builder.linux.Processes;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Ends what RUNs leave behind where they have no pid namespace that ends with them.
///
/// While crun lives, it adopts what the processes of its RUN leave, and waits for it; when crun ends, the builder
/// adopts. A RUN cannot get back a capability that crun has taken from its bounding set, so a child of the builder
/// with a smaller bounding set than the builder's own is what an ended RUN has left, and so is all that descends
/// from it: no process can hide from that.
final class Orphans {

    private static final Path PROC = Path.of("/proc");
    private static final int FIRST = 1;
    private static final int EVERYTHING = -1;
    private static final int SIGKILL = 9;
    private static final int SIGSTOP = 19;

    /// Between two looks at what does not end.
    private static final int PAUSE_MILLIS = 5;

    private final long self = ProcessHandle.current().pid();
    private final String bounds;

    /// What `/proc/PID/status` says of one process.
    private record Seen(long pid, long parent, String bounds, boolean isDead) {}

    private Orphans(String bounds) {
        this.bounds = bounds;
    }

    /// From now on the builder adopts.
    static Orphans adopted() throws IOException {
        Processes.adoptOrphans();
        return new Orphans(read(PROC.resolve("self/status"), 0).bounds());
    }

    /// Kills all of them.
    void end() throws IOException {
        end(tree -> tree.of(self).stream()
                .filter(child -> !child.bounds().equals(bounds))
                .toList());
    }

    /// Kills everything else in the builder's pid space with one system call, if that is a space of its own: what makes
    /// new
    /// processes faster than they can be stopped one by one has no chance then.
    void endAtOnce() throws IOException {
        if (self == FIRST) {
            signal(EVERYTHING, SIGKILL);
        }
    }

    /// Kills all that descend from a process: what it has adopted, too.
    void endBelow(long pid) throws IOException {
        end(tree -> tree.of(pid));
    }

    /// When the builder is told to end, what it has started ends before it: nobody else would see to that.
    Thread endingWithBuilder() {
        Thread hook = new Thread(
                () -> {
                    try {
                        endBelow(self);
                    } catch (IOException e) {
                        // The container's end is what is left to end them.
                    }
                },
                "sandbox-end");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    /// Whether `child` is a child of `parent` that has not ended.
    static boolean isAlive(long child, long parent) {
        try {
            Seen seen = read(PROC.resolve(child + "/status"), child);
            return seen.parent() == parent && !seen.isDead();
        } catch (IOException e) {
            return false;
        }
    }

    private interface Roots {
        List<Seen> in(Tree tree);
    }

    private record Tree(Map<Long, List<Seen>> byParent) {
        List<Seen> of(long parent) {
            return byParent.getOrDefault(parent, List.of());
        }
    }

    /// They are stopped before they are killed, until there are no new ones: a stopped process makes none.
    private synchronized void end(Roots roots) throws IOException {
        Set<Long> stopped = new HashSet<>();
        while (true) {
            List<Seen> found = find(roots);
            boolean isNew = false;
            for (Seen one : found) {
                if (!one.isDead() && stopped.add(one.pid())) {
                    isNew = true;
                    signal(one.pid(), SIGSTOP);
                }
            }
            if (isNew) {
                continue;
            }
            boolean isAlive = false;
            for (Seen one : found) {
                if (!one.isDead()) {
                    signal(one.pid(), SIGKILL);
                    isAlive = true;
                } else if (one.parent() == self) {
                    Processes.reap(one.pid());
                }
            }
            if (!isAlive) {
                return;
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void signal(long pid, int signal) throws IOException {
        try {
            Processes.kill(pid, signal);
        } catch (SystemCallFailure e) {
            // Its number is somebody else's by now.
            if (e.errno() != Errno.EPERM) {
                throw e;
            }
        }
    }

    private static List<Seen> find(Roots roots) throws IOException {
        Map<Long, List<Seen>> byParent = new HashMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path one : all) {
                try {
                    Seen seen = read(
                            one.resolve("status"),
                            Long.parseLong(one.getFileName().toString()));
                    byParent.computeIfAbsent(seen.parent(), _ -> new ArrayList<>())
                            .add(seen);
                } catch (IOException e) {
                    // It has ended.
                }
            }
        }
        Tree tree = new Tree(byParent);
        List<Seen> found = new ArrayList<>(roots.in(tree));
        for (int i = 0; i < found.size(); i++) {
            found.addAll(tree.of(found.get(i).pid()));
        }
        return found;
    }

    private static Seen read(Path status, long pid) throws IOException {
        long parent = 0;
        String bounds = "";
        boolean isDead = false;
        for (String line : Files.readAllLines(status, java.nio.charset.StandardCharsets.ISO_8859_1)) {
            if (line.startsWith("PPid:")) {
                parent = Long.parseLong(line.substring(5).strip());
            } else if (line.startsWith("CapBnd:")) {
                bounds = line.substring(7).strip();
            } else if (line.startsWith("State:")) {
                String state = line.substring(6).strip();
                isDead = state.startsWith("Z") || state.startsWith("X");
            }
        }
        return new Seen(pid, parent, bounds, isDead);
    }
}
