package build.kiln.builder.plan;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Which stages must not be taken from the cache.
public sealed interface NoCache {

    /// The cache serves all.
    record None() implements NoCache {}

    /// Every step runs.
    record All() implements NoCache {}

    /// The steps of these stages run; upper and lower case do not count.
    record Stages(Set<String> names) implements NoCache {

        public Stages {
            Set<String> lower = new TreeSet<>();
            names.forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
            names = Set.copyOf(lower);
        }
    }

    /// @param stage its name in lower case; empty if it has none
    default boolean includes(String stage) {
        return switch (this) {
            case None() -> false;
            case All() -> true;
            case Stages(Set<String> names) -> names.contains(stage);
        };
    }
}
