package build.kiln.builder.plan;

/// Where the files of a COPY, an ADD or a bind mount come from.
public sealed interface FileSource {

    /// The main build context.
    record Context() implements FileSource {}

    /// A context that the user gave a name, other than an image.
    record NamedContext(String name) implements FileSource {}

    /// The final state of an earlier stage.
    ///
    /// @param index of that stage in the Dockerfile
    record Stage(int index) implements FileSource {}

    /// The file system of an image.
    record Image(BaseImage image) implements FileSource {}

    /// Nothing: the empty directory that a cache or bind mount may start from.
    record Empty() implements FileSource {}
}
