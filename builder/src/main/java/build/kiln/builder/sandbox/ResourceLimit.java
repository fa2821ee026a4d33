package build.kiln.builder.sandbox;

import java.util.Locale;
import java.util.Set;

/// What setrlimit(2) limits, by the names that Docker has for it.
///
/// @param name for example `nofile`, `nproc`, `core`
/// @param soft -1 for no limit
/// @param hard -1 for no limit; above the builder's own it is refused when the process starts
public record ResourceLimit(String name, long soft, long hard) {

    private static final Set<String> NAMES = Set.of(
            "as",
            "core",
            "cpu",
            "data",
            "fsize",
            "locks",
            "memlock",
            "msgqueue",
            "nice",
            "nofile",
            "nproc",
            "rss",
            "rtprio",
            "rttime",
            "sigpending",
            "stack");

    public ResourceLimit {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("There is no limit \"" + name + "\"; there are "
                    + NAMES.stream().sorted().toList() + ".");
        }
    }

    String type() {
        return "RLIMIT_" + name.toUpperCase(Locale.ROOT);
    }
}
