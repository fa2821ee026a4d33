package build.kiln.crds;

/// The state of an [ImageBuild] in one word, for people. Tools read the conditions.
public enum Phase {
    /// Waits for its turn, for room in the cluster, or for the next attempt.
    Queued,
    /// A builder pod is there.
    Building,
    /// All steps are done, and what the registry lacks is on its way.
    Pushing,
    /// The image is in the registry.
    Succeeded,
    /// There is no image, and there will be none until something changes.
    Failed,
    /// Nothing is done because `spec.suspend` says so.
    Suspended
}
