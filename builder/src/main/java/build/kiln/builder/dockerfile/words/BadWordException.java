package build.kiln.builder.dockerfile.words;

/// A word cannot be expanded: a quote or brace is open, a `${…}` form is unknown, or a variable that has to be set
/// is not. The message is a sentence without a place; whoever knows the line turns it into a failure.
public final class BadWordException extends Exception {

    BadWordException(String message) {
        super(message);
    }
}
