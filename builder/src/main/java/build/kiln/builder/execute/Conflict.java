package build.kiln.builder.execute;

import java.io.IOException;

/// What a COPY or WORKDIR wants to put somewhere cannot be put there. The message is a clause without a full stop.
final class Conflict extends IOException {

    private final String advice;

    Conflict(String message) {
        this(message, "Choose another destination, or remove what is there in a RUN before.");
    }

    /// @param advice a sentence
    Conflict(String message, String advice) {
        super(message);
        this.advice = advice;
    }

    String advice() {
        return advice;
    }
}
