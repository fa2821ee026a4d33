package build.kiln.e2e.row;

/// A claim cannot be tried here. The message says what is missing.
public final class LeftOut extends RuntimeException {

    private static final long serialVersionUID = 1;

    public LeftOut(String message) {
        super(message);
    }
}
