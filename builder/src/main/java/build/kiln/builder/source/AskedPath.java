package build.kiln.builder.source;

/// A path as the user wrote it, and where.
///
/// @param place for messages, for example `spec.contextDir`
public record AskedPath(String path, String place) {}
