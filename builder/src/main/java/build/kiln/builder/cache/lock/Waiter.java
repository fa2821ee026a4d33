package build.kiln.builder.cache.lock;

/// What somebody wants who waits for a lock.
public interface Waiter {

    /// Whether there is nothing left to do: the thing that the lock guards has been made. Asked of each new holder,
    /// before each look that follows, and once more when the lock has been taken. Ends the waiting if it throws.
    boolean isServed();

    /// Somebody else has the lock. Told once for each holder.
    void waitsFor(Holder holder);
}
