package build.kiln.protocol;

/// Whose turn it is after a failure. Decides whether the build is tried again.
public enum Fault {
    /// Somebody has to change the Dockerfile, the source, the resource or a credential. Never tried again.
    USER,
    /// A registry or a source answered badly or not at all. Worth trying again.
    REMOTE,
    /// The machine, the pod or the volume could not do what was asked. Worth trying again elsewhere.
    PLATFORM,
    /// A defect of Kiln itself. Never tried again.
    KILN
}
