package build.kiln.builder.source;

/// What a directory entry is.
///
/// A socket counts as an empty file: it cannot be stored in an image, and BuildKit copies it like that.
public enum FileKind {
    FILE,
    DIRECTORY,
    SYMLINK,
    FIFO,
    CHARACTER_DEVICE,
    BLOCK_DEVICE
}
