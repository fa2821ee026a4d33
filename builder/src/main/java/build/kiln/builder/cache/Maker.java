package build.kiln.builder.cache;

/// Who works on the volume.
///
/// @param name as people know it: `team-a/web-3-0` for a pod, `ann@laptop:4711` for a process
/// @param build tells builds apart whose attempts go on from each other; empty where nobody tries again
/// @param attempt counted from 0
public record Maker(String name, String build, int attempt) {

    /// A process that nobody starts again.
    public static Maker named(String name) {
        return new Maker(name, "", 0);
    }

    /// Whether this is an earlier attempt of the same build.
    public boolean isEarlierAttemptOf(Maker other) {
        return !build.isEmpty() && build.equals(other.build) && attempt < other.attempt;
    }
}
