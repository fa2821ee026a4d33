package build.kiln.bench.outcome;

/// What the builder has seen before.
public enum Scenario {
    /// Nothing: not even the base image.
    COLD,
    /// The same build.
    WARM,
    /// The same build but for one file of the context.
    CHANGED;

    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
