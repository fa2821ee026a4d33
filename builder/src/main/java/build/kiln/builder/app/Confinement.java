package build.kiln.builder.app;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Maker;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.builder.sandbox.IsolationProbe;
import build.kiln.builder.sandbox.Sandbox;
import build.kiln.builder.snapshot.Snapshots;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What a build needs to run processes, made when it is first asked for: a build without RUN pays nothing for it.
final class Confinement implements AutoCloseable {

    private final Path cache;
    private final Maker maker;
    private final IsolationChoice choice;
    private @Nullable Isolation isolation;
    private @Nullable Snapshots snapshots;
    private @Nullable Sandbox sandbox;

    /// @param cache the cache volume's root
    Confinement(Path cache, Maker maker, IsolationChoice choice) {
        this.cache = cache;
        this.maker = maker;
        this.choice = choice;
    }

    /// What works here.
    synchronized Isolation isolation() {
        Isolation known = isolation;
        if (known == null) {
            known = choice.inBetterWords(new IsolationProbe(workspace(), choice.refusal()).probe(choice.strongest()));
            if (Thread.currentThread().isInterrupted()) {
                return known; // it was stopped, and tells of nothing else
            }
            isolation = known;
        }
        return known;
    }

    /// Asks only where there is a demand: it costs a build without RUN nothing otherwise.
    ///
    /// @throws build.kiln.builder.failure.BuildFailure `IsolationUnavailable` if less works here than the build
    ///     has to have
    void requireMinimum() {
        if (choice.minimum() != Isolation.Rung.ASSEMBLE) {
            choice.require(isolation());
        }
    }

    /// For who runs something although no instruction does.
    ///
    /// @param place where the user asks for it
    /// @throws PlatformFailure `IsolationUnavailable` if nothing can be run here
    void requireRun(String place) {
        try {
            isolation().requireRun();
        } catch (PlatformFailure e) {
            throw new PlatformFailure(e.reason(), place, e.fact(), e.advice(), e);
        }
    }

    synchronized Snapshots snapshots() {
        Snapshots open = snapshots;
        if (open == null) {
            open = Snapshots.open(workspace(), isolation().form());
            snapshots = open;
        }
        return open;
    }

    synchronized Sandbox sandbox() {
        Sandbox open = sandbox;
        if (open == null) {
            open = Sandbox.open(isolation(), snapshots());
            sandbox = open;
        }
        return open;
    }

    private Path workspace() {
        return Cache.open(cache, maker).workspace();
    }

    @Override
    public synchronized void close() {
        if (sandbox != null) {
            sandbox.close();
        }
        if (snapshots != null) {
            snapshots.close();
        }
    }
}
