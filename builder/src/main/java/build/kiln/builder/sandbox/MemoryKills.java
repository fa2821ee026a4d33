package build.kiln.builder.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How often the kernel has killed a process of this pod because its memory was used up.
final class MemoryKills {

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final String COUNTER = "oom_kill ";

    private final List<Path> candidates;

    private MemoryKills(List<Path> candidates) {
        this.candidates = candidates;
    }

    /// The counters of the cgroup that this process is in, of either version; the machine's own where there is
    /// none.
    static MemoryKills ofThisProcess() {
        List<Path> candidates = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
                String[] fields = line.split(":", 3);
                String below = fields.length == 3 ? fields[2].substring(1) : "";
                if (line.startsWith("0::")) {
                    candidates.add(CGROUPS.resolve(below).resolve("memory.events"));
                } else if (List.of(fields[1].split(",", -1)).contains("memory")) {
                    candidates.add(CGROUPS.resolve("memory").resolve(below).resolve("memory.oom_control"));
                }
            }
        } catch (IOException e) {
            // Without cgroups the counters below are what there is.
        }
        candidates.add(CGROUPS.resolve("memory.events"));
        candidates.add(CGROUPS.resolve("memory/memory.oom_control"));
        candidates.add(Path.of("/proc/vmstat"));
        return new MemoryKills(candidates);
    }

    long count() {
        for (Path candidate : candidates) {
            try {
                for (String line : Files.readAllLines(candidate)) {
                    if (line.startsWith(COUNTER)) {
                        return Long.parseLong(line.substring(COUNTER.length()).strip());
                    }
                }
            } catch (IOException e) {
                // Not this one.
            }
        }
        return 0;
    }
}
