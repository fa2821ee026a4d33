package build.kiln.builder.source.ignore;

import build.kiln.builder.source.DockerIgnore;
import org.jspecify.annotations.Nullable;

/// Leaves out what one of two sets of rules leaves out.
record EitherIgnores(DockerIgnore first, DockerIgnore second) implements DockerIgnore {

    @Override
    public boolean ignores(String path) {
        return first.ignores(path) || second.ignores(path);
    }

    @Override
    public boolean mayKeepBelow(String directory) {
        return mayKeepBelow(first, directory) && mayKeepBelow(second, directory);
    }

    private static boolean mayKeepBelow(DockerIgnore rules, String directory) {
        return !rules.ignores(directory) || rules.mayKeepBelow(directory);
    }

    @Override
    public @Nullable Rule ruleFor(String path) {
        Rule rule = first.ruleFor(path);
        return rule == null ? second.ruleFor(path) : rule;
    }
}
