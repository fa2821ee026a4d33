package build.kiln.builder.provenance;

import java.util.Locale;

/// How much a provenance says.
public enum Detail {
    /// What was built, from what, by whom and when.
    MIN,
    /// Besides the values that the build was given, and its instructions.
    MAX;

    /// As users write it: `max`.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
