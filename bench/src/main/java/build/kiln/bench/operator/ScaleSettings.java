package build.kiln.bench.operator;

import java.time.Duration;

/// What the operator is measured with.
///
/// @param resources how many ImageBuilds there are
/// @param running how many of them run at once
/// @param run how long a builder pod runs on average
public record ScaleSettings(int resources, int running, Duration run) {

    public ScaleSettings {
        if (resources < 1 || running < 1) {
            throw new IllegalArgumentException("There has to be at least one ImageBuild and one that runs; seen were "
                    + resources + " and " + running + ".");
        }
    }

    /// How many namespaces the ImageBuilds are in.
    int namespaces() {
        return Math.clamp(resources / 50, 1, 20);
    }

    static String namespace(String run, int number) {
        return "kiln-bench-%s-%d".formatted(run, number);
    }
}
