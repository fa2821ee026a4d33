package build.kiln.builder.source;

import java.nio.file.Path;

/// One file or directory that a source of a COPY names.
///
/// @param name the name that it is copied under if it is not a directory; of the link, where a link was named
/// @param path where it lies in the context, links followed; empty for the whole context
/// @param file what is there: never a symbolic link, since these are followed
/// @param excludes what a walk leaves out; its paths are relative to this directory
/// @param place the instruction that asks for it, `Dockerfile:14`
public record Selected(Path name, Path path, ContextFile file, DockerIgnore excludes, String place) {

    public boolean isDirectory() {
        return file.kind() == FileKind.DIRECTORY;
    }

    /// The exact bytes of [#name()].
    public byte[] nameBytes() {
        return PathBytes.of(name);
    }
}
