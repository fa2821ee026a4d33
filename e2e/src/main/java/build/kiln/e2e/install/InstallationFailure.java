package build.kiln.e2e.install;

/// Kiln could not be brought into the cluster, changed there or taken out.
public final class InstallationFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    InstallationFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
