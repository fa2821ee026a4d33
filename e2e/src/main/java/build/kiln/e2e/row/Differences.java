package build.kiln.e2e.row;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was not as expected, gathered, so that one look at the report tells all of it.
final class Differences {

    private final List<String> found = new ArrayList<>();

    void equal(String what, @Nullable Object seen, @Nullable Object expected) {
        if (!String.valueOf(seen).equals(String.valueOf(expected))) {
            found.add("%s is %s; expected was %s.".formatted(what, quoted(seen), quoted(expected)));
        }
    }

    void contains(String what, @Nullable String seen, String expected) {
        if (seen == null || !seen.contains(expected)) {
            found.add("%s is %s; it should contain %s.".formatted(what, quoted(seen), quoted(expected)));
        }
    }

    void holds(boolean condition, String otherwise) {
        if (!condition) {
            found.add(otherwise);
        }
    }

    /// @param context what helps to understand them, added if there are any
    /// @throws RowFailure if there are any
    void throwIfAny(String context) {
        if (!found.isEmpty()) {
            throw new RowFailure(String.join("\n", found) + (context.isBlank() ? "" : "\n" + context));
        }
    }

    private static String quoted(@Nullable Object value) {
        return value == null ? "not there" : "\"" + value + "\"";
    }
}
