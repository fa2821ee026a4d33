package build.kiln.builder.sandbox;

import java.util.OptionalLong;

/// How much memory this pod may use, and has used: the builder and its RUNs together.
///
/// @param limitBytes empty if it has no limit of its own, or if nobody knows
/// @param peakBytes the most that it has used at a time, with the files that the kernel keeps in memory; empty if the
///     kernel does not say
public record MemoryUse(OptionalLong limitBytes, OptionalLong peakBytes) {

    public static final MemoryUse UNKNOWN = new MemoryUse(OptionalLong.empty(), OptionalLong.empty());
}
