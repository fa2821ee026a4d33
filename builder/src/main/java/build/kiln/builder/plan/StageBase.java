package build.kiln.builder.plan;

/// What a stage starts from.
public sealed interface StageBase {

    /// `FROM scratch`: no layer at all.
    record Scratch() implements StageBase {}

    /// `FROM image`.
    record Image(BaseImage image) implements StageBase {}

    /// `FROM` an earlier stage.
    ///
    /// @param index of that stage in the Dockerfile
    record Stage(int index) implements StageBase {}
}
