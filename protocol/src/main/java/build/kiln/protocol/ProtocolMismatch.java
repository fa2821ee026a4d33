package build.kiln.protocol;

import org.jspecify.annotations.Nullable;

/// A message that this program cannot take: not JSON, of another version, or with a field it does not know.
///
/// The message says what was seen, what was expected and what to do; it is meant for the user as it is.
public final class ProtocolMismatch extends Exception {

    private static final long serialVersionUID = 1L;

    ProtocolMismatch(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
