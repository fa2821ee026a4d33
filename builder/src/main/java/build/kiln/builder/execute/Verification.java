package build.kiln.builder.execute;

import build.kiln.builder.sandbox.NetworkAccess;
import java.time.Duration;
import java.util.List;

/// A command that an image has to pass before a tag leads to it.
///
/// @param run the program and its arguments; they take the place of the image's own entrypoint and command
/// @param timeout after which it has failed
/// @param network what it may reach
/// @param place where the user asks for it, for messages: `spec.verify`
public record Verification(List<String> run, Duration timeout, NetworkAccess network, String place) {

    public Verification {
        run = List.copyOf(run);
        if (run.isEmpty()) {
            throw new IllegalArgumentException("a verification needs a program");
        }
    }

    /// As the user knows it: `verify /app/web --version`.
    String title() {
        return "verify " + String.join(" ", run);
    }
}
