package build.kiln.builder.execute;

import java.io.IOException;

/// What a COPY or WORKDIR wants to put somewhere cannot be put there. The message is a clause without a full stop.
final class Conflict extends IOException {

    Conflict(String message) {
        super(message);
    }
}
