package build.kiln.bench.measure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/// Runs commands, all at once, and measures them together.
public final class Meter {

    private static final long SAMPLE_MILLIS = 10;

    /// How the commands ended, and what they took.
    ///
    /// @param status the first exit status that is not 0, or 0
    public record Metered(int status, Figures figures) {}

    private Meter() {}

    /// Writes what is in the kernel's buffers to the disk first, so that no run pays for the one before.
    ///
    /// @param daemon a process that works for the commands
    public static Metered run(List<ProcessBuilder> commands, OptionalLong daemon)
            throws IOException, InterruptedException {
        new ProcessBuilder("sync").start().waitFor();
        if (daemon.isPresent()) {
            ProcessTree.forgetPeak(daemon.getAsLong());
        }
        double cpuBefore = cpuSeconds(daemon);
        long start = System.nanoTime();
        List<Process> processes = new ArrayList<>();
        for (ProcessBuilder command : commands) {
            processes.add(command.start());
        }
        Peaks peaks = new Peaks(processes.stream().map(Process::pid).toList());
        Thread sampler = Thread.ofPlatform().daemon().name("memory-sampler").start(peaks);
        int status = 0;
        try {
            for (Process process : processes) {
                int each = process.waitFor();
                status = status == 0 ? each : status;
            }
        } finally {
            processes.forEach(Process::destroy);
            sampler.interrupt();
        }
        double wall = (System.nanoTime() - start) / 1e9;
        sampler.join();
        long peak = peaks.most();
        if (daemon.isPresent()) {
            peak += ProcessTree.peakBytes(daemon.getAsLong());
        }
        return new Metered(status, new Figures(wall, cpuSeconds(daemon) - cpuBefore, peak));
    }

    private static double cpuSeconds(OptionalLong daemon) {
        double own = ProcessTree.endedChildrenCpuSeconds();
        return daemon.isPresent() ? own + ProcessTree.cpuSeconds(Long.toString(daemon.getAsLong())) : own;
    }

    /// Looks at the memory of several processes again and again.
    private static final class Peaks implements Runnable {

        private final Map<Long, Long> byProcess = new ConcurrentHashMap<>();

        Peaks(List<Long> pids) {
            pids.forEach(pid -> byProcess.put(pid, 0L));
        }

        @Override
        public void run() {
            try {
                while (true) {
                    byProcess.replaceAll((pid, most) ->
                            Math.max(most, Math.max(ProcessTree.residentBytes(pid), ProcessTree.peakBytes(pid))));
                    Thread.sleep(SAMPLE_MILLIS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        long most() {
            return byProcess.values().stream().mapToLong(Long::longValue).max().orElse(0);
        }
    }
}
