package build.kiln.operator.queue;

/// Whether a build may start.
public sealed interface Turn {

    record Now() implements Turn {}

    /// For some moments nobody may; whoever may then is told.
    record NotYet() implements Turn {}

    /// @param position counted from 1, among the builds of its namespace that wait
    /// @param message a whole sentence: the place in the line, and what holds it up
    record Later(int position, String message) implements Turn {}
}
