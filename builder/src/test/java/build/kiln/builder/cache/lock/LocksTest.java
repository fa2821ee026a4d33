package build.kiln.builder.cache.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Locks as threads and as two hosts see them; [LocksIT] has the processes.
class LocksTest {

    private static final Lease QUICK = new Lease(Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofMillis(10));
    /// Of a holder that is stopped: it does not count on.
    private static final Lease STOPPED = new Lease(Duration.ofDays(1), Duration.ofDays(1), Duration.ofMillis(10));

    @TempDir
    private Path root;

    private Path home;
    private Path workspace;

    @BeforeEach
    void makeFolders() throws IOException {
        home = root.resolve("locks");
        workspace = Files.createDirectory(root.resolve("tmp"));
    }

    @Test
    void aLockIsOnesAndThenTheNexts() throws Exception {
        Locks locks = locks("here", QUICK);
        Holding first = mine(locks.take("k", waiter()));
        CompletableFuture<Turn> second = inThread(() -> locks.take("k", waiter()));

        assertThat(second).isNotDone();
        assertThat(locks.tryTake("k")).isEmpty();
        first.close();
        try (Holding next = mine(second.get(5, TimeUnit.SECONDS))) {
            assertThat(next.publish("text".getBytes(StandardCharsets.UTF_8), root.resolve("entry")))
                    .isTrue();
        }
        assertThat(root.resolve("entry")).hasContent("text");
        assertNothingIsLeft();
    }

    @Test
    void manyThreadsAreNeverInItAtTheSameTime() throws Exception {
        Locks locks = locks("here", QUICK);
        AtomicLong inside = new AtomicLong();
        AtomicLong turns = new AtomicLong();
        List<CompletableFuture<Turn>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(inThread(() -> {
                Turn turn = locks.take("k", waiter());
                try (Holding mine = mine(turn)) {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    Thread.sleep(1);
                    turns.incrementAndGet();
                    inside.decrementAndGet();
                }
                return turn;
            }));
        }
        for (CompletableFuture<Turn> one : all) {
            one.get(10, TimeUnit.SECONDS);
        }
        assertThat(turns).hasValue(20);
        assertNothingIsLeft();
    }

    @Test
    void whoWaitsIsToldForWhomAndIsServedByWhatTheOtherMakes() throws Exception {
        Holding first = mine(locks("team-a/web-3-0", "one", QUICK).take("k", waiter()));
        AtomicBoolean made = new AtomicBoolean();
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Turn> second = inThread(() -> locks("two", QUICK).take("k", new Waiter() {
            @Override
            public boolean isServed() {
                return made.get();
            }

            @Override
            public void waitsFor(Holder holder) {
                told.add(holder.name());
            }
        }));
        while (told.isEmpty()) {
            Thread.sleep(1);
        }
        made.set(true);

        assertThat(second.get(5, TimeUnit.SECONDS)).isInstanceOf(Turn.Served.class);
        assertThat(told).containsExactly("team-a/web-3-0");
        first.close();
        assertNothingIsLeft();
    }

    @Test
    void whatWasMadeWhileTheLockChangedHandsIsSeenBeforeAnythingIsDoneTwice() throws Exception {
        Waiter served = new Waiter() {
            @Override
            public boolean isServed() {
                return true;
            }

            @Override
            public void waitsFor(Holder holder) {}
        };
        assertThat(locks("here", QUICK).take("k", served)).isInstanceOf(Turn.Served.class);
        assertNothingIsLeft();
    }

    @Test
    void waitingCanBeInterrupted() throws Exception {
        Locks locks = locks("here", QUICK);
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        try (Holding first = mine(locks.take("k", waiter()))) {
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    locks.take("k", waiter());
                    ended.complete(new AssertionError("taken from " + first));
                } catch (InterruptedException e) {
                    ended.complete(e);
                }
            });
            thread.interrupt();
            assertThat(ended.get(5, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        }
        assertNothingIsLeft();
    }

    @Test
    void aHolderWhoseClockIsAnHourAwayIsWaitedForAsLongAsItCounts() throws Exception {
        for (Duration clock : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
            Path holding = otherHostHolds("k" + clock.toHours());
            AtomicBoolean lives = new AtomicBoolean(true);
            CompletableFuture<Turn> heart = inThread(() -> {
                for (int beat = 1; lives.get(); beat++) {
                    Files.writeString(holding.resolve("beat"), Holding.count(beat), StandardOpenOption.WRITE);
                    Files.setLastModifiedTime(
                            holding.resolve("beat"), FileTime.from(Instant.now().plus(clock)));
                    Thread.sleep(20);
                }
                return new Turn.Served();
            });
            CompletableFuture<Turn> waiting =
                    inThread(() -> locks("here", QUICK).take("k" + clock.toHours(), waiter()));

            Thread.sleep(QUICK.patience().multipliedBy(2));
            assertThat(waiting).as("as long as it counts").isNotDone();
            lives.set(false);
            heart.get(5, TimeUnit.SECONDS);
            long dead = System.nanoTime();
            mine(waiting.get(5, TimeUnit.SECONDS)).close();
            assertThat(Duration.ofNanos(System.nanoTime() - dead)).isGreaterThan(Duration.ofMillis(150));
        }
        assertNothingIsLeft();
    }

    @Test
    void aHolderThatComesBackLateCannotPublishOverItsSuccessorNorFreeItsLock() throws Exception {
        Path entry = root.resolve("entry");
        Holding late = mine(locks("one", STOPPED).take("k", waiter()));
        try (Holding successor = mine(locks("two", QUICK).take("k", waiter()))) {
            assertThat(successor.publish("successor".getBytes(StandardCharsets.UTF_8), entry))
                    .isTrue();

            assertThat(late.publish("late".getBytes(StandardCharsets.UTF_8), entry))
                    .isFalse();
            assertThat(late.isLost()).isTrue();
            late.close();
            assertThat(entry).hasContent("successor");
            assertThat(locks("three", QUICK).tryTake("k")).isEmpty();
        }
        assertNothingIsLeft();
    }

    @Test
    void aHolderThatHadStagedItsEntryBeforeItWasStoppedCannotPublishItEither() throws Exception {
        Holding late = mine(locks("one", STOPPED).take("k", waiter()));
        Path staged;
        try (Stream<Path> all = Files.list(home.resolve("k"))) {
            staged = Files.writeString(all.findFirst().orElseThrow().resolve("staged-1"), "late");
        }
        mine(locks("two", QUICK).take("k", waiter())).close();

        assertThat(Place.moveIfPresent(staged, root.resolve("entry"))).isFalse();
        assertThat(late.publish(new byte[0], root.resolve("entry"))).isFalse();
        assertThat(root.resolve("entry")).doesNotExist();
        late.close();
    }

    @Test
    void onOneKernelAHolderWithoutAKernelLockIsJudgedByItsCount() throws Exception {
        Path holding = otherHostHolds("k");
        Files.write(holding.resolve("holder"), new Holder("someone", "here").toJson());
        long start = System.nanoTime();
        mine(locks("here", QUICK).take("k", waiter())).close();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(150));
    }

    @Test
    void aHoldingThatLostItsFilesIsNotWaitedForForEver() throws Exception {
        Files.createDirectories(home.resolve("k/token"));
        mine(locks("here", QUICK).take("k", waiter())).close();

        assertNothingIsLeft();
    }

    @Test
    void theTimeForWhichTheWaiterItselfWasStoppedCountsAsOneLook() {
        AtomicLong nanos = new AtomicLong();
        Observer observer = new Observer(QUICK, nanos::get);
        Sighting seen = new Sighting(root, new Holder("other", "there"), Holding.count(7));

        assertThat(observer.isQuietForTooLong(seen)).isFalse();
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(observer.isQuietForTooLong(seen)).as("stopped for an hour").isFalse();
        for (int look = 0; look < 20; look++) {
            nanos.addAndGet(QUICK.look().toNanos());
            observer.isQuietForTooLong(seen);
        }
        assertThat(observer.isQuietForTooLong(seen)).isTrue();
    }

    @Test
    void aVolumeThatRefusesLocksSaysWhy() throws Exception {
        Files.delete(workspace);
        Files.writeString(workspace, "not a directory");

        assertThat(locks("here", QUICK).take("k", waiter()))
                .isInstanceOfSatisfying(
                        Turn.Unlocked.class,
                        turn -> assertThat(turn.why())
                                .startsWith("The cache volume refused a trial of its locks: ")
                                .contains("probe-"));
    }

    @Test
    void aWaiterThatGivesUpLeavesNothing() throws Exception {
        Waiter impatient = new Waiter() {
            @Override
            public boolean isServed() {
                throw new IllegalStateException("no time");
            }

            @Override
            public void waitsFor(Holder holder) {}
        };
        Locks locks = locks("here", QUICK);
        assertThatThrownBy(() -> locks.take("k", impatient)).hasMessage("no time");
        try (Holding mine = mine(locks.take("k", waiter()))) {
            assertThatThrownBy(() -> locks.take("k", impatient)).hasMessage("no time");
            assertThat(mine.isLost()).isFalse();
        }
        assertNothingIsLeft();
    }

    private Path otherHostHolds(String key) throws IOException {
        Path holding = Files.createDirectories(home.resolve(key).resolve("token"));
        Files.write(holding.resolve("holder"), new Holder("team-b/api-1-0", "elsewhere").toJson());
        Files.writeString(holding.resolve("beat"), Holding.count(0));
        return holding;
    }

    private Locks locks(String kernel, Lease lease) {
        return locks("ann@" + kernel, kernel, lease);
    }

    private Locks locks(String name, String kernel, Lease lease) {
        return new Locks(home, workspace, new Holder(name, kernel), lease);
    }

    private static Holding mine(Turn turn) {
        assertThat(turn).isInstanceOf(Turn.Mine.class);
        return ((Turn.Mine) turn).holding();
    }

    private static Waiter waiter() {
        return new Waiter() {
            @Override
            public boolean isServed() {
                return false;
            }

            @Override
            public void waitsFor(Holder holder) {}
        };
    }

    private interface Work {
        Turn run() throws Exception;
    }

    private static CompletableFuture<Turn> inThread(Work work) {
        CompletableFuture<Turn> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(work.run());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> locks = Files.list(home);
                Stream<Path> made = Files.list(workspace)) {
            assertThat(locks).isEmpty();
            assertThat(made).isEmpty();
        }
    }
}
