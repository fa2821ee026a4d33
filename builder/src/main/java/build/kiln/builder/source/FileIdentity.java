package build.kiln.builder.source;

/// What tells, without reading it, that a file still has the content that it had.
///
/// Times are in nanoseconds since 1970.
public record FileIdentity(long device, long inode, long sizeBytes, long modifiedNanos, long changedNanos) {}
