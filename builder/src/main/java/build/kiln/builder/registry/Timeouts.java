package build.kiln.builder.registry;

import java.time.Duration;

/// Limits of single requests; a transfer as a whole has none.
///
/// @param connect until a connection stands
/// @param answer from the request to the headers of its answer
/// @param commit the same for the request that ends an upload: a registry may read the whole blob again for it
/// @param idle between two pieces of a body, in either direction
public record Timeouts(Duration connect, Duration answer, Duration commit, Duration idle) {

    public static final Timeouts DEFAULT = new Timeouts(
            Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofMinutes(10), Duration.ofSeconds(60));
}
