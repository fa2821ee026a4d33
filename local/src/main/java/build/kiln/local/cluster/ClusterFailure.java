package build.kiln.local.cluster;

/// The cluster cannot be what it should; the message says why, and what to do.
public final class ClusterFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ClusterFailure(String message) {
        super(message);
    }

    public ClusterFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
