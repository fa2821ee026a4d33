package build.kiln.builder.source;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Rules for tests that name what they leave out in full: these paths and what is below them, but for those with
/// `!`.
record IgnoredNames(Set<String> ignored, Set<String> kept) implements DockerIgnore {

    static IgnoredNames of(String... rules) {
        return new IgnoredNames(
                Arrays.stream(rules).filter(one -> !one.startsWith("!")).collect(Collectors.toSet()),
                Arrays.stream(rules)
                        .filter(one -> one.startsWith("!"))
                        .map(one -> one.substring(1))
                        .collect(Collectors.toSet()));
    }

    @Override
    public boolean ignores(String path) {
        return covers(ignored, path) && !covers(kept, path);
    }

    @Override
    public boolean mayKeepBelow(String directory) {
        return !kept.isEmpty();
    }

    @Override
    public @Nullable Rule ruleFor(String path) {
        return ignores(path) ? new Rule(".dockerignore", 4, "rule") : null;
    }

    private static boolean covers(Set<String> rules, String path) {
        return rules.stream().anyMatch(rule -> path.equals(rule) || path.startsWith(rule + "/"));
    }
}
