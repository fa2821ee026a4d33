package build.kiln.bench.operator;

import build.kiln.bench.stub.Plan;
import build.kiln.bench.stub.StubNode;
import build.kiln.crds.Phase;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// One measurement: applies all ImageBuilds at once, lets half of them be built, kills the operator, starts it again,
/// and
/// waits until all have ended.
public final class ScaleRun {

    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration TELL = Duration.ofSeconds(10);

    /// No build ends for so long: the rest is stuck.
    private static final Duration STANDSTILL = Duration.ofMinutes(3);

    /// No pod has waited for longer when the restart is over.
    private static final Duration AS_BEFORE = Duration.ofSeconds(1);

    /// While the operator is dead, pods go on to end.
    private static final Duration DOWN = Duration.ofSeconds(5);

    private final ApiTarget target;
    private final OperatorProcess.Settings operators;
    private final ScaleSettings settings;
    private final PrintStream people;
    private final String run;
    private final Applied applied;
    private final Reactions reactions = new Reactions();
    private double restartSeconds;

    /// @param run a word that tells this run's objects from others'
    public ScaleRun(
            ApiTarget target,
            OperatorProcess.Settings operators,
            ScaleSettings settings,
            String run,
            PrintStream people) {
        this.target = target;
        this.operators = operators;
        this.settings = settings;
        this.run = run;
        this.people = people;
        this.applied = new Applied(target.client(), settings, run);
    }

    /// @param definition the CustomResourceDefinition of ImageBuilds, for a cluster that has none
    /// @throws IOException if an operator does not start
    public ScaleOutcome measure(Path definition) throws IOException, InterruptedException {
        target.prepare(definition);
        Map<String, Plan.End> expected = applied.expected();
        String name = "kiln-bench-" + run;
        // The node is there until all is taken back: pods that still run go when it says so.
        try (Observer observer = new Observer(target.client(), expected, reactions);
                StubNode node = StubNode.start(target.client(), name, pod -> plan(pod, expected), observer);
                Closeable _ = target.join(name, node);
                Closeable _ = applied.createNamespaces(people)) {
            return measure(observer, node, name);
        }
    }

    /// From half of the average time to one and a half.
    private Plan plan(io.fabric8.kubernetes.api.model.Pod pod, Map<String, Plan.End> expected) {
        String build = pod.getMetadata().getOwnerReferences().getFirst().getName();
        long spread = Math.floorMod(build.hashCode() * 31L, 1000L) - 500;
        Duration time = settings.run().plus(settings.run().multipliedBy(spread).dividedBy(1000));
        return new Plan(time, expected.getOrDefault(build, Plan.End.SUCCEEDED));
    }

    private ScaleOutcome measure(Observer observer, StubNode node, String scheduler)
            throws IOException, InterruptedException {
        OperatorContainer operator = OperatorContainer.start(operators, target.kubeconfig(), environment(), people);
        try {
            long start = System.nanoTime();
            applied.create(scheduler);
            people.printf("%d ImageBuilds were applied in %.1f s%n", settings.resources(), seconds(start));
            int running = Math.min(settings.running(), settings.resources() / 2);
            await(observer, node, operator, () -> node.running() >= running * 9 / 10);
            people.printf("%d pods run, %.1f s after the first ImageBuild%n", node.running(), seconds(start));
            reactions.count();
            await(observer, node, operator, () -> observer.known() >= settings.resources());
            people.printf(
                    "every ImageBuild has its phase after %.1f s; 99 %% of %d reactions meanwhile within %d ms%n",
                    seconds(start), reactions.size(), reactions.percentile(99).toMillis());
            reactions.forgetTimes();
            await(observer, node, operator, () -> observer.finished() >= settings.resources() / 2);
            reactions.pause();
            operator.kill();
            people.printf("the operator is killed; %d builds have ended%n", observer.finished());
            tell(operator);
            Thread.sleep(DOWN);
            restart(observer, node, operator);
            await(observer, node, operator, () -> observer.longestWait().compareTo(AS_BEFORE) < 0);
            reactions.count();
            await(observer, node, operator, () -> observer.finished() >= settings.resources());
            reactions.pause();
            operator.count();
            tell(operator);
            return outcome(observer, operator);
        } finally {
            operator.stop();
        }
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(target.environment());
        environment.put("KILN_BUILDER_IMAGE", "kiln.local/builder");
        environment.put("KILN_BUILDER_CACHE_CLAIM", "kiln-cache");
        environment.put("KILN_MAX_BUILDS", Integer.toString(settings.running()));
        environment.put("KILN_LEASE_NAMESPACE", ScaleSettings.namespace(run, 0));
        // As the chart names it: the container starts again in the same pod.
        environment.put("KILN_REPLICA", "kiln-operator-0");
        return environment;
    }

    private void restart(Observer observer, StubNode node, OperatorContainer operator)
            throws IOException, InterruptedException {
        int answered = reactions.answered().size();
        long start = System.nanoTime();
        operator.startAgain();
        Set<String> left = observer.unanswered();
        people.printf(
                "the operator is ready again after %.1f s; %d pods have ended meanwhile%n",
                seconds(start), left.size());
        await(observer, node, operator, () -> reactions.answered().size() > answered);
        people.printf("the first was taken up after %.1f s%n", seconds(start));
        await(observer, node, operator, () -> reactions.answered().containsAll(left));
        restartSeconds = seconds(start);
        people.printf("all of them after %.1f s%n", restartSeconds);
    }

    private void tell(OperatorContainer operator) {
        people.printf(
                "its peak was %d MiB, and it took %.1f s of processor time%n",
                operator.peakBytes() >> 20, operator.cpuSeconds());
        people.println(operator.requestsOfNow().perBuild(Math.max(1, settings.resources() / 2)));
    }

    private ScaleOutcome outcome(Observer observer, OperatorContainer operator) {
        people.printf(
                "reactions: %d, median %d ms, 90th percentile %d ms, 99th %d ms, longest %d ms%n",
                reactions.size(),
                reactions.percentile(50).toMillis(),
                reactions.percentile(90).toMillis(),
                reactions.percentile(99).toMillis(),
                reactions.percentile(100).toMillis());
        return new ScaleOutcome(
                operator.peakBytes() >> 20,
                reactions.percentile(99).toMillis(),
                Math.round(restartSeconds * 10) / 10.0,
                Math.round(operator.requests() * 100 / settings.resources()) / 100.0,
                observer.duplicates(),
                settings.resources() - observer.finished());
    }

    /// Waits, tells now and then how far all is, and gives up when nothing moves any more.
    private void await(Observer observer, StubNode node, OperatorContainer operator, BooleanSupplier condition)
            throws IOException, InterruptedException {
        long told = System.nanoTime();
        long moved = told;
        long before = -1;
        while (!condition.getAsBoolean()) {
            operator.look();
            long now = System.nanoTime();
            long finished = observer.finished();
            if (finished != before) {
                before = finished;
                moved = now;
            }
            if (now - moved > STANDSTILL.toNanos()) {
                people.println("nothing moves any more");
                return;
            }
            if (now - told > TELL.toNanos()) {
                told = now;
                operator.count();
                people.printf(
                        "  %d ended, %d run, %d are queued; 99 %% of %d reactions within %d ms, the slowest of late %d ms;"
                                + " %d MiB%n",
                        finished,
                        node.running(),
                        observer.in(Phase.Queued),
                        reactions.size(),
                        reactions.percentile(99).toMillis(),
                        reactions.slowestSinceAsked().toMillis(),
                        operator.peakBytes() >> 20);
            }
            Thread.sleep(LOOK);
        }
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }
}
