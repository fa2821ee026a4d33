package build.kiln.e2e.cluster;

/// The cluster did not do what everything else of the suite rests on, or does not answer.
public final class ClusterProblem extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ClusterProblem(String message) {
        super(message);
    }

    ClusterProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
