package build.kiln.builder.source;

import org.jspecify.annotations.Nullable;

/// Which paths are left out, by the rules of a `.dockerignore` file or of `--exclude`.
///
/// Paths are relative to the root that the rules were written for, with slashes, without one at either end.
public interface DockerIgnore {

    /// Rules that leave nothing out.
    DockerIgnore NOTHING = new DockerIgnore() {
        @Override
        public boolean ignores(String path) {
            return false;
        }

        @Override
        public boolean mayKeepBelow(String directory) {
            return true;
        }

        @Override
        public @Nullable Rule ruleFor(String path) {
            return null;
        }
    };

    /// True if the last rule that matches the path or one of its parents leaves it out.
    boolean ignores(String path);

    /// False only if it is certain that nothing below this ignored directory is kept by a `!` rule.
    boolean mayKeepBelow(String directory);

    /// The rule that leaves this path out; null if it is kept.
    @Nullable
    Rule ruleFor(String path);

    /// One rule, as the user wrote it.
    ///
    /// @param line counted from 1
    record Rule(String file, int line, String pattern) {}
}
