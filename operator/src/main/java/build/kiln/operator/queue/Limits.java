package build.kiln.operator.queue;

/// How many builds may run at once.
///
/// @param cluster in all namespaces together; 0 is no limit
/// @param namespace in one namespace; 0 is no limit
public record Limits(int cluster, int namespace) {

    public static final Limits NONE = new Limits(0, 0);

    public Limits {
        if (cluster < 0 || namespace < 0) {
            throw new IllegalArgumentException("A limit is not negative: " + cluster + ", " + namespace);
        }
    }
}
