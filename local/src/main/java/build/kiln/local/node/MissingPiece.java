package build.kiln.local.node;

/// Something that a pod names is not there yet. The node waits for it.
final class MissingPiece extends Exception {

    private static final long serialVersionUID = 1;

    MissingPiece(String message) {
        super(message);
    }
}
