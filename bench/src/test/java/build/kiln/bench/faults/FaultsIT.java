package build.kiln.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.bench.faults.FaultyProxy.Fate;
import build.kiln.bench.faults.FaultyProxy.Request;
import build.kiln.bench.faults.FaultyProxy.Write;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// Whatever happens to operators and their API server: in the end each ImageBuild is in its right state, each image was
/// pushed once a generation, and nothing is stuck.
///
/// An operator that ends is started again, as a Deployment does it; one that lives and does nothing is what these tests
/// are to find. `docs/bench.md` says how to run them with more of everything.
class FaultsIT {

    private static final int KILLS = Integer.getInteger("kiln.faults.kills", 5);
    private static final int BUILDS = Integer.getInteger("kiln.faults.builds", 20);
    private static final Duration PAUSE = Duration.ofSeconds(Integer.getInteger("kiln.faults.pauseSeconds", 12));
    private static final long SEED = Long.getLong("kiln.faults.seed", System.nanoTime());

    /// What operators said stays where something is wrong.
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    @Test
    void anOperatorThatIsKilledAtAnyInstantLosesNothingAndDoesNothingTwice() throws Exception {
        Random random = seeded();
        try (Trial trial = Trial.of(folder, BUILDS)) {
            Replica operator = trial.startReplica("operator-0", trial.server());
            int ofWorking = 0;
            for (int i = 0; i < KILLS; i++) {
                // While it starts, too; but most of the time while it works.
                boolean isReady = random.nextInt(8) > 0;
                if (isReady) {
                    operator.awaitReady();
                }
                // Some builds at a time, so that no kill comes after all is done.
                trial.apply(part(i), part(i + 1));
                Thread.sleep(random.nextInt(2500));
                trial.applyOthers(part(i - 1), part(i));
                ofWorking += isReady && trial.hasWork() ? 1 : 0;
                operator.kill();
            }
            trial.applyOthers(part(KILLS - 1), BUILDS);
            trial.checkTheEnd();
            say("%d kills, %d of them of an operator that worked; it ended by itself %d times"
                    .formatted(KILLS, ofWorking, operator.ownEnds()));
            assertThat(ofWorking).isGreaterThan(KILLS / 3);
        }
    }

    /// The first build that comes only after so many kills.
    private static int part(int kills) {
        return Math.max(0, kills) * BUILDS / KILLS;
    }

    @Test
    void anApiServerThatFailsInEveryWayIsAskedAgain() throws Exception {
        Random random = seeded();
        try (Trial trial = Trial.of(folder, BUILDS);
                FaultyProxy proxy = FaultyProxy.start(trial.server())) {
            proxy.decide(anything(random));
            AtomicBoolean isOver = new AtomicBoolean();
            Thread dropper = Thread.ofVirtual().start(() -> drop(proxy, random, isOver));
            try {
                Replica operator = trial.startReplica("operator-0", proxy.url());
                trial.apply(0, BUILDS / 2);
                trial.await("a quarter of the builds at their end", () -> trial.finished() >= BUILDS / 4);
                trial.apply(BUILDS / 2, BUILDS);
                trial.applyOthers(0, BUILDS);
                proxy.pause();
                Thread.sleep(PAUSE);
                proxy.goOn();
                trial.checkTheEnd();
                say("the operator ended by itself %d times; requests: %s"
                        .formatted(operator.ownEnds(), proxy.faults()));
            } finally {
                isOver.set(true);
                dropper.join();
            }
        }
    }

    /// A replica and what is between it and the API server.
    private record Side(Replica replica, FaultyProxy proxy) {}

    @Test
    void oneOfTwoReplicasWorksWhoeverIsCutOffOrStandsStill() throws Exception {
        try (Trial trial = Trial.of(folder, BUILDS);
                FaultyProxy firstProxy = FaultyProxy.start(trial.server());
                FaultyProxy secondProxy = FaultyProxy.start(trial.server())) {
            Side first = new Side(trial.startReplica("operator-1", firstProxy.url()), firstProxy);
            Side second = new Side(trial.startReplica("operator-2", secondProxy.url()), secondProxy);
            trial.apply(0, BUILDS / 3);
            trial.await("a sixth of the builds at their end", () -> trial.finished() >= BUILDS / 6);
            first.replica().awaitReady();
            second.replica().awaitReady();

            Side cutOff = leader(trial, first, second);
            Replica.Life ofCutOff = cutOff.replica().life();
            cutOff.proxy().cut();
            long finished = trial.finished();
            trial.await("the end of the replica that is cut off", () -> !ofCutOff.isAlive());
            trial.apply(BUILDS / 3, BUILDS * 2 / 3);
            trial.await("work of the other", () -> trial.finished() > finished);
            cutOff.proxy().mend();
            cutOff.replica().awaitReady();

            Side still = leader(trial, first, second);
            Side successor = still == first ? second : first;
            Replica.Life ofStill = still.replica().life();
            still.replica().suspend();
            long stoodStillAt = System.nanoTime();
            trial.apply(BUILDS * 2 / 3, BUILDS);
            trial.applyOthers(0, BUILDS);
            trial.await(
                    "work of the successor of the replica that stands still",
                    () -> statuses(successor).anyMatch(w -> w.atNanos() > stoodStillAt));
            int before = still.proxy().writes().size();
            Set<String> seenTo = statuses(successor)
                    .filter(w -> w.atNanos() > stoodStillAt)
                    .map(w -> w.request().path())
                    .collect(Collectors.toSet());
            still.replica().resume(ofStill);
            trial.await("the end of the replica that stood still", () -> !ofStill.isAlive());
            // What was on its way when it was stopped arrives, and changes nothing that its successor has seen to.
            List<Write> late = still.proxy().writes();
            assertThat(late.subList(before, late.size()))
                    .filteredOn(FaultsIT::changesSomething)
                    .extracting(w -> w.request().path())
                    .doesNotContainAnyElementsOf(seenTo);
            trial.checkTheEnd();
            say("the replicas ended by themselves %d and %d times"
                    .formatted(first.replica().ownEnds(), second.replica().ownEnds()));
        }
    }

    private static Side leader(Trial trial, Side first, Side second) {
        return trial.leader().equals(first.replica().name()) ? first : second;
    }

    /// The statuses that a side has changed so far.
    private static Stream<Write> statuses(Side side) {
        return side.proxy().writes().stream()
                .filter(FaultsIT::changesSomething)
                .filter(w -> w.request().path().endsWith("/status"));
    }

    private static boolean changesSomething(Write write) {
        return !write.request().isOfLease() && write.code() < 300;
    }

    private static Random seeded() {
        say("-Dkiln.faults.seed=" + SEED);
        return new Random(SEED);
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /// One request in seven has a bad fate.
    private static Function<Request, Fate> anything(Random random) {
        return request -> switch (random.nextInt(35)) {
            case 0 -> new Fate.IsAnswered(500, "InternalError");
            case 1 -> new Fate.IsAnswered(429, "TooManyRequests");
            case 2 -> request.isWrite() ? new Fate.IsAnswered(409, "Conflict") : new Fate.IsAnswered(410, "Expired");
            case 3 -> new Fate.LosesItsAnswer();
            case 4 -> new Fate.IsAnswered(503, "ServiceUnavailable");
            default -> Fate.PASSES;
        };
    }

    private static void drop(FaultyProxy proxy, Random random, AtomicBoolean isOver) {
        while (!isOver.get()) {
            try {
                Thread.sleep(1000 + random.nextInt(3000));
            } catch (InterruptedException e) {
                return;
            }
            if (random.nextInt(3) == 0) {
                proxy.garbleStreams();
            } else {
                proxy.dropStreams();
            }
        }
    }
}
