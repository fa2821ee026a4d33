package build.kiln.builder.sandbox;

/// The image has no user or group of that name. The message is a whole sentence.
public final class UnknownUserException extends Exception {

    UnknownUserException(String message) {
        super(message);
    }
}
