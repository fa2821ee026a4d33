package build.kiln.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What `/proc` says of a process and its descendants. Processes that end meanwhile count as nothing.
final class ProcessTree {

    private static final Path PROC = Path.of("/proc");
    private static final long TICKS_PER_SECOND = 100;

    private ProcessTree() {}

    /// Resident bytes of a process and of those of its descendants that are in the pid namespace of this program. An
    /// address space counts once: between fork and exec a child has its parent's.
    static long residentBytes(long pid) {
        String own = pidNamespace("self");
        long bytes = 0;
        Set<String> counted = new HashSet<>();
        for (long each : withDescendants(pid)) {
            String addressSpace = link(each + "/exe") + kilobytes(each, "VmSize:");
            if (own.equals(pidNamespace(Long.toString(each))) && counted.add(addressSpace)) {
                bytes += kilobytes(each, "VmRSS:") << 10;
            }
        }
        return bytes;
    }

    /// The most that this one process has ever had, or since [#forgetPeak].
    static long peakBytes(long pid) {
        return kilobytes(pid, "VmHWM:") << 10;
    }

    /// Starts the process's peak anew.
    static void forgetPeak(long pid) throws IOException {
        Files.writeString(PROC.resolve(pid + "/clear_refs"), "5");
    }

    /// Processor time of a process and of those of its children that have ended.
    static double cpuSeconds(String pid) {
        String stat = read(pid + "/stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ");
        return fields.length < 15 ? 0 : sum(fields, 11, 15);
    }

    /// Processor time of the children of this program that have ended, and of theirs.
    static double endedChildrenCpuSeconds() {
        String stat = read("self/stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ");
        return sum(fields, 13, 15);
    }

    private static double sum(String[] fields, int from, int to) {
        long ticks = 0;
        for (int i = from; i < to; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return (double) ticks / TICKS_PER_SECOND;
    }

    private static List<Long> withDescendants(long pid) {
        List<Long> all = new ArrayList<>(List.of(pid));
        for (int i = 0; i < all.size(); i++) {
            Path tasks = PROC.resolve(all.get(i) + "/task");
            String[] threads = tasks.toFile().list();
            for (String thread : threads == null ? new String[0] : threads) {
                for (String child :
                        read(all.get(i) + "/task/" + thread + "/children").split(" ")) {
                    if (!child.isBlank()) {
                        all.add(Long.parseLong(child.strip()));
                    }
                }
            }
        }
        return all;
    }

    private static String pidNamespace(String pid) {
        return link(pid + "/ns/pid");
    }

    private static String link(String name) {
        try {
            return Files.readSymbolicLink(PROC.resolve(name)).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static long kilobytes(long pid, String name) {
        for (String line : read(pid + "/status").split("\n")) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    private static String read(String file) {
        try {
            return Files.readString(PROC.resolve(file));
        } catch (IOException e) {
            return "";
        }
    }
}
