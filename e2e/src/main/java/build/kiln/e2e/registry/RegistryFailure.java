package build.kiln.e2e.registry;

/// A registry did not answer as it has to, or what it gave is not what its name says.
public final class RegistryFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    public RegistryFailure(String message) {
        super(message);
    }

    RegistryFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
