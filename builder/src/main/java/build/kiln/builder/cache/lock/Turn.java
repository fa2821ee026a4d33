package build.kiln.builder.cache.lock;

/// How waiting for a lock ended.
public sealed interface Turn {

    /// The lock is taken; whoever asked for it closes it.
    record Mine(Holding holding) implements Turn {}

    /// What the lock guards has been made by somebody else.
    record Served() implements Turn {}

    /// There are no locks on this volume now. Work is done without one, and perhaps twice.
    ///
    /// @param why in whole sentences
    record Unlocked(String why) implements Turn {}
}
