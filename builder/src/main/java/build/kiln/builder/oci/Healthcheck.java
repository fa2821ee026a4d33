package build.kiln.builder.oci;

import java.time.Duration;
import java.util.List;

/// How a runtime tells whether a container is well: Docker's extension of the image config.
///
/// @param test `NONE`, or `CMD` or `CMD-SHELL` and the command
/// @param interval zero where the runtime's default holds; likewise the other durations
/// @param retries zero where the runtime's default holds
public record Healthcheck(
        List<String> test,
        Duration interval,
        Duration timeout,
        Duration startPeriod,
        Duration startInterval,
        int retries) {

    public Healthcheck {
        test = List.copyOf(test);
    }
}
