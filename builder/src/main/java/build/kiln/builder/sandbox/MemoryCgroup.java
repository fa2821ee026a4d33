package build.kiln.builder.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The memory of this pod as the kernel counts it: of the cgroup that this process is in, of either version.
final class MemoryCgroup {

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path MEMBERSHIP = Path.of("/proc/self/cgroup");
    private static final Path MACHINE = Path.of("/proc/vmstat");
    private static final String COUNTER = "oom_kill ";

    /// Version 1 has no word for "no limit", but a number next to the largest.
    private static final long UNLIMITED = 1L << 62;

    /// What each version calls its files.
    private enum Version {
        ONE("memory.oom_control", "memory.limit_in_bytes", "memory.max_usage_in_bytes"),
        TWO("memory.events", "memory.max", "memory.peak");

        private final String kills;
        private final String limit;
        private final String peak;

        Version(String kills, String limit, String peak) {
            this.kills = kills;
            this.limit = limit;
            this.peak = peak;
        }
    }

    private record Place(Version version, Path folder) {}

    private final Optional<Place> place;
    private final Path machine;

    private MemoryCgroup(Optional<Place> place, Path machine) {
        this.place = place;
        this.machine = machine;
    }

    static MemoryCgroup ofThisProcess() {
        return read(CGROUPS, MEMBERSHIP, MACHINE);
    }

    /// @param cgroups where cgroups are mounted
    /// @param membership what says which one this process is in; outside of the mount in a container that has no
    ///     namespace for cgroups
    /// @param machine counts the kills of the whole machine, for one without cgroups
    static MemoryCgroup read(Path cgroups, Path membership, Path machine) {
        List<Place> candidates = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(membership)) {
                String[] fields = line.split(":", 3);
                String below = fields.length == 3 ? fields[2].substring(1) : "";
                if (line.startsWith("0::")) {
                    candidates.add(new Place(Version.TWO, cgroups.resolve(below)));
                } else if (List.of(fields[1].split(",", -1)).contains("memory")) {
                    candidates.add(
                            new Place(Version.ONE, cgroups.resolve("memory").resolve(below)));
                }
            }
        } catch (IOException e) {
            // What is mounted is what there is.
        }
        candidates.add(new Place(Version.TWO, cgroups));
        candidates.add(new Place(Version.ONE, cgroups.resolve("memory")));
        return new MemoryCgroup(
                candidates.stream()
                        .filter(c -> Files.isReadable(c.folder().resolve(c.version().kills)))
                        .findFirst(),
                machine);
    }

    /// Whether the kills are those of this pod alone.
    boolean isOfThisPod() {
        return place.isPresent();
    }

    /// How often the kernel has killed a process because the memory was used up.
    long kills() {
        Path file = place.map(p -> p.folder().resolve(p.version().kills)).orElse(machine);
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(COUNTER)) {
                    return Long.parseLong(line.substring(COUNTER.length()).strip());
                }
            }
        } catch (IOException | NumberFormatException e) {
            // Without a counter, no kill is told from any other.
        }
        return 0;
    }

    MemoryUse use() {
        return new MemoryUse(
                place.map(p -> number(p.folder().resolve(p.version().limit))).orElse(OptionalLong.empty()),
                place.map(p -> number(p.folder().resolve(p.version().peak))).orElse(OptionalLong.empty()));
    }

    private static OptionalLong number(Path file) {
        try {
            long number = Long.parseLong(Files.readString(file).strip());
            return number >= UNLIMITED ? OptionalLong.empty() : OptionalLong.of(number);
        } catch (IOException | NumberFormatException e) {
            // Version 2 says "max"; its peak is known from Linux 5.19 on.
            return OptionalLong.empty();
        }
    }
}
