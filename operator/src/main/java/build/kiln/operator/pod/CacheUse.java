package build.kiln.operator.pod;

/// The claim that a pod has its cache on.
public record CacheUse(String claimName, Reach reach) {

    /// Where the pods of one claim can be at the same time.
    public enum Reach {
        /// All on the same node.
        ONE_NODE,
        /// Anywhere.
        ANY_NODE
    }
}
