package build.kiln.local.node;

/// A pod asks for something that this node never has.
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1;

    Refusal(String message) {
        super(message);
    }
}
