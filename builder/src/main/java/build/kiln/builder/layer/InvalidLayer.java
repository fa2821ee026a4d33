package build.kiln.builder.layer;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The bytes that were to be a layer are none. The message says what is wrong where; which image it was of,
/// the caller
/// knows.
public final class InvalidLayer extends IOException {

    InvalidLayer(String fact) {
        super(fact);
    }

    InvalidLayer(String fact, @Nullable Throwable cause) {
        super(fact, cause);
    }
}
