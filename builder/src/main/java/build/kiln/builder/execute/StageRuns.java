package build.kiln.builder.execute;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Defect;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.PlannedStage;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Runs the stages of a plan side by side. A stage waits for another when it reads from it, and not before.
final class StageRuns implements AutoCloseable {

    /// Runs one stage to its end.
    interface StageRun {
        Chain run(PlannedStage stage) throws InterruptedException;
    }

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Integer, CompletableFuture<Chain>> chains = new HashMap<>();
    private final Plan plan;

    StageRuns(Plan plan) {
        this.plan = plan;
        plan.stages().forEach(stage -> chains.put(stage.index(), new CompletableFuture<>()));
    }

    /// Runs all stages and gives the target's layers. The first failure ends the others, and none runs any more when
    /// this returns: nobody must read what is closed next, and record what he has seen of it.
    ///
    /// @throws BuildFailure the first one
    Chain runAll(StageRun run) throws InterruptedException {
        CompletableFuture<Void> failed = new CompletableFuture<>();
        for (PlannedStage stage : plan.stages()) {
            CompletableFuture<Chain> chain = chainOf(stage.index());
            var unused = threads.submit(() -> {
                try {
                    chain.complete(run.run(stage));
                } catch (Throwable e) {
                    failed.completeExceptionally(e);
                    chain.completeExceptionally(e);
                }
            });
        }
        CompletableFuture<?> all = CompletableFuture.allOf(chains.values().toArray(CompletableFuture[]::new));
        try {
            CompletableFuture.anyOf(all, failed).get();
            return chainOf(plan.target().index()).get();
        } catch (ExecutionException e) {
            throw failure(e);
        } finally {
            close();
        }
    }

    /// Does something that a later step of a stage will need, and that nobody waits for here. Whoever needs it
    /// finds out himself what became of it.
    void meanwhile(Runnable work) {
        var unused = threads.submit(work);
    }

    /// The finished layers of another stage; waits for it.
    Chain await(int stage) throws InterruptedException {
        try {
            return chainOf(stage).get();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    private CompletableFuture<Chain> chainOf(int stage) {
        CompletableFuture<Chain> chain = chains.get(stage);
        if (chain == null) {
            throw new Defect("Stage " + stage + " is read and is not part of the plan.", null);
        }
        return chain;
    }

    private static BuildFailure failure(ExecutionException e) {
        return switch (e.getCause()) {
            case BuildFailure failure -> failure;
            case InterruptedException interrupted -> interrupted(interrupted);
            case null, default -> new Defect("A stage ended with an unexpected error: " + e.getCause(), e.getCause());
        };
    }

    static PlatformFailure interrupted(InterruptedException cause) {
        return new PlatformFailure(
                Reason.Interrupted,
                "",
                "The build was told to stop.",
                "Start it again; it goes on from the last" + " finished step.",
                cause);
    }

    /// Interrupts what still runs and waits until it has ended.
    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
