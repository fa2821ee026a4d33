package build.kiln.builder.dockerfile.words;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The variables that a word may name.
@FunctionalInterface
public interface Environment {

    /// The variable's value, or null if it is not set; a variable set to nothing is the empty text.
    @Nullable
    String get(String name);

    /// No variable is set.
    static Environment empty() {
        return name -> null;
    }

    static Environment of(Map<String, String> variables) {
        return variables::get;
    }
}
