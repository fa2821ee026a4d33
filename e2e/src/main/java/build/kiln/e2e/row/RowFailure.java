package build.kiln.e2e.row;

/// A claim does not hold. The message says what was seen and what was expected.
public final class RowFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    public RowFailure(String message) {
        super(message);
    }
}
