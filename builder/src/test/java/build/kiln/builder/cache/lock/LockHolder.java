package build.kiln.builder.cache.lock;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/// A process that takes a lock, says so, and publishes when it is told to.
final class LockHolder {

    private LockHolder() {}

    /// @param args root, kernel, patience in milliseconds
    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        Lease lease =
                new Lease(Duration.ofMillis(50), Duration.ofMillis(Long.parseLong(args[2])), Duration.ofMillis(10));
        Holder me = args[1].isEmpty() ? Holder.here("process") : new Holder("process", args[1]);
        Locks locks = new Locks(root.resolve("locks"), root.resolve("tmp"), me, lease);
        try (Holding holding = ((Turn.Mine) locks.tryTake("k").orElseThrow()).holding()) {
            System.out.println("taken");
            System.in.read();
            System.out.println(holding.publish("process".getBytes(StandardCharsets.UTF_8), root.resolve("entry")));
        }
    }
}
