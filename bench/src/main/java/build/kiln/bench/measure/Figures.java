package build.kiln.bench.measure;

/// What one run took.
///
/// @param wallSeconds from the start of the first process to the end of the last
/// @param cpuSeconds user and system time of all its processes, and of the daemon that served it
/// @param peakBytes the most memory (resident set) that one build's processes had at once, without those that a RUN
///     keeps in a process namespace of its own
public record Figures(double wallSeconds, double cpuSeconds, long peakBytes) {}
