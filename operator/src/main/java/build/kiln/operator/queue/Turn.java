package build.kiln.operator.queue;

/// Whether a build may start.
public sealed interface Turn {

    record Now() implements Turn {}

    /// @param position counted from 1, among those that wait for the same limit
    /// @param message whole sentences: who runs, of how many
    record Later(int position, String message) implements Turn {}
}
