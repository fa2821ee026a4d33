package build.kiln.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import build.kiln.bench.faults.FaultyProxy.Fate;
import build.kiln.bench.faults.FaultyProxy.Request;
import build.kiln.bench.faults.FaultyProxy.Write;
import build.kiln.bench.operator.OperatorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// Whatever happens to operators and their API server: in the end each ImageBuild is in its right state, each image was
/// pushed once a generation, and nothing is stuck.
///
/// `docs/bench.md` says how to run it with more of everything.
class FaultsIT {

    private static final int KILLS = Integer.getInteger("kiln.faults.kills", 8);
    private static final int BUILDS = Integer.getInteger("kiln.faults.builds", 40);
    private static final Duration PAUSE = Duration.ofSeconds(Integer.getInteger("kiln.faults.pauseSeconds", 15));
    private static final long SEED = Long.getLong("kiln.faults.seed", System.nanoTime());

    /// What operators said stays where something is wrong.
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    @Test
    void anOperatorThatIsKilledAtAnyInstantLosesNothingAndDoesNothingTwice() throws Exception {
        Random random = seeded();
        try (Trial trial = Trial.of(folder, BUILDS)) {
            trial.apply();
            for (int i = 0; i < KILLS; i++) {
                OperatorProcess operator = trial.startOperator("operator-0", trial.server());
                // While it starts, too; but most of the time while it works.
                boolean isReady = random.nextInt(8) == 0 || operator.awaitReady();
                assertThat(isReady).isTrue();
                Thread.sleep(random.nextInt(2500));
                if (i == KILLS / 2) {
                    trial.applyOthers();
                }
                operator.kill();
            }
            OperatorProcess last = trial.startOperator("operator-0", trial.server());
            try {
                trial.checkTheEnd();
            } finally {
                last.stop();
            }
        }
    }

    @Test
    void anApiServerThatFailsInEveryWayIsAskedAgain() throws Exception {
        Random random = seeded();
        try (Trial trial = Trial.of(folder, BUILDS);
                FaultyProxy proxy = FaultyProxy.start(trial.server())) {
            proxy.decide(anything(random));
            trial.apply();
            OperatorProcess operator = trial.startOperator("operator-0", proxy.url());
            AtomicBoolean isOver = new AtomicBoolean();
            Thread dropper = Thread.ofVirtual().start(() -> drop(proxy, random, isOver));
            try {
                await().atMost(Duration.ofMinutes(5)).until(() -> trial.finished() > BUILDS / 4);
                trial.applyOthers();
                proxy.pause();
                Thread.sleep(PAUSE);
                proxy.goOn();
                // A process that ended because its lease did is started again, as a cluster does it.
                await().atMost(Duration.ofMinutes(6)).until(() -> {
                    if (!operator.isAlive()) {
                        return true;
                    }
                    return trial.finished() == BUILDS;
                });
                OperatorProcess last = operator.isAlive() ? operator : trial.startOperator("operator-0", proxy.url());
                try {
                    trial.checkTheEnd();
                } finally {
                    last.stop();
                }
            } finally {
                isOver.set(true);
                dropper.join();
                operator.stop();
            }
        }
    }

    @Test
    void oneOfTwoReplicasWorksWhoeverIsCutOffOrStandsStill() throws Exception {
        try (Trial trial = Trial.of(folder, BUILDS);
                FaultyProxy first = FaultyProxy.start(trial.server());
                FaultyProxy second = FaultyProxy.start(trial.server())) {
            OperatorProcess one = trial.startOperator("operator-1", first.url());
            assertThat(one.awaitReady()).isTrue();
            OperatorProcess two = trial.startOperator("operator-2", second.url());
            trial.apply();
            await().atMost(Duration.ofMinutes(3)).until(() -> trial.finished() > BUILDS / 8);

            first.cut();
            await("the replica that is cut off ends")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> !one.isAlive());
            long taken = trial.finished();
            await("the other takes over").atMost(Duration.ofMinutes(2)).until(() -> trial.finished() > taken);

            int writesOfTheFirst = first.writes().size();
            first.mend();
            OperatorProcess again = trial.startOperator("operator-1", first.url());
            trial.applyOthers();
            two.suspend();
            await("the first takes over again")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> first.writes().stream()
                            .skip(writesOfTheFirst)
                            .anyMatch(w ->
                                    changesSomething(w) && w.request().path().endsWith("/status")));
            int before = second.writes().size();
            long resumedAt = System.nanoTime();
            two.resume();
            await("who stood still ends").atMost(Duration.ofMinutes(1)).until(() -> !two.isAlive());
            // What was on its way when it was stopped arrives, and changes nothing that its successor has seen to.
            Set<String> seenTo = first.writes().stream()
                    .skip(writesOfTheFirst)
                    .filter(FaultsIT::changesSomething)
                    .filter(w -> w.atNanos() < resumedAt)
                    .map(w -> w.request().path())
                    .filter(path -> path.endsWith("/status"))
                    .collect(Collectors.toSet());
            assertThat(seenTo).isNotEmpty();
            assertThat(second.writes().stream().skip(before))
                    .noneMatch(w ->
                            changesSomething(w) && seenTo.contains(w.request().path()));
            try {
                trial.checkTheEnd();
            } finally {
                again.stop();
                two.stop();
                one.stop();
            }
        }
    }

    private static boolean changesSomething(Write write) {
        return !write.request().isOfLease() && write.code() < 300;
    }

    private static Random seeded() {
        System.out.println("-Dkiln.faults.seed=" + SEED);
        return new Random(SEED);
    }

    /// One request in seven has a bad fate.
    private static Function<Request, Fate> anything(Random random) {
        return request -> {
            int luck;
            synchronized (random) {
                luck = random.nextInt(35);
            }
            return switch (luck) {
                case 0 -> new Fate.IsAnswered(500, "InternalError");
                case 1 -> new Fate.IsAnswered(429, "TooManyRequests");
                case 2 ->
                    request.isWrite() ? new Fate.IsAnswered(409, "Conflict") : new Fate.IsAnswered(410, "Expired");
                case 3 -> new Fate.LosesItsAnswer();
                case 4 -> new Fate.IsAnswered(503, "ServiceUnavailable");
                default -> Fate.PASSES;
            };
        };
    }

    private static void drop(FaultyProxy proxy, Random random, AtomicBoolean isOver) {
        while (!isOver.get()) {
            try {
                Thread.sleep(1000 + random.nextInt(3000));
            } catch (InterruptedException e) {
                return;
            }
            proxy.dropStreams();
        }
    }
}
