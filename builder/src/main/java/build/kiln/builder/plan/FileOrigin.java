package build.kiln.builder.plan;

/// Whose files a COPY or a mount reads, before images are looked up.
sealed interface FileOrigin {

    /// The main build context.
    record MainContext() implements FileOrigin {}

    /// A stage of the Dockerfile.
    record OfStage(StageDraft stage) implements FileOrigin {}

    /// A named context or an image.
    record OfName(String name) implements FileOrigin {}
}
