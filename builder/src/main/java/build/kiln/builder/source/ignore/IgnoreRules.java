package build.kiln.builder.source.ignore;

import build.kiln.builder.source.DockerIgnore;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of one file, in its order.
///
/// A walk asks for the entries of one folder after the other, so what was found out about the last folder is
/// kept. Not meant for several threads at once.
final class IgnoreRules implements DockerIgnore {

    /// @param exception true for a `!` rule
    record One(Rule rule, boolean exception, PathPattern pattern) {}

    private final List<One> rules;
    private @Nullable Folder lastFolder;

    /// @param matched for each rule whether it matches the folder or one above it
    private record Folder(String path, boolean[] matched) {}

    IgnoreRules(List<One> rules) {
        this.rules = List.copyOf(rules);
    }

    @Override
    public boolean ignores(String path) {
        return ruleFor(path) != null;
    }

    @Override
    public @Nullable Rule ruleFor(String path) {
        int index = decidingRule(path);
        return index < 0 || rules.get(index).exception()
                ? null
                : rules.get(index).rule();
    }

    @Override
    public boolean mayKeepBelow(String directory) {
        // What stands above the rule that left the directory out is overruled by it.
        int deciding = decidingRule(directory);
        return rules.subList(deciding + 1, rules.size()).stream()
                .anyMatch(one -> one.exception() && one.pattern().mayMatchBelow(directory));
    }

    /// The index of the last rule that changed whether the path is in or out; -1 if none did.
    private int decidingRule(String path) {
        if (path.isEmpty() || path.equals(".")) {
            // The context's root itself stays, whatever the rules say.
            return -1;
        }
        boolean[] above = folder(parent(path)).matched();
        int deciding = -1;
        boolean out = false;
        for (int i = 0; i < rules.size(); i++) {
            One one = rules.get(i);
            if (one.exception() == out && (above[i] || one.pattern().matches(path))) {
                out = !one.exception();
                deciding = i;
            }
        }
        return deciding;
    }

    private Folder folder(String path) {
        Folder last = lastFolder;
        if (last != null && last.path().equals(path)) {
            return last;
        }
        boolean[] matched = new boolean[rules.size()];
        if (!path.isEmpty()) {
            matched = Arrays.copyOf(folder(parent(path)).matched(), rules.size());
            for (int i = 0; i < matched.length; i++) {
                matched[i] |= rules.get(i).pattern().matches(path);
            }
        }
        Folder folder = new Folder(path, matched);
        lastFolder = folder;
        return folder;
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }
}
