package build.kiln.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// Plays whole days of builds that come, leave, are refused by quotas and end, against a plain list of what waits.
class QueuePropertyTest {

    private static final int NAMESPACES = 5;

    @Property(tries = 300)
    void neverOverALimitAndAlwaysTheRightOneNext(
            @ForAll @IntRange(max = 6) int cluster, @ForAll @IntRange(max = 3) int namespace, @ForAll long seed) {
        Random random = new Random(seed);
        Limits limits = new Limits(cluster, namespace);
        Queue queue = new Queue(limits);
        SequencedMap<BuildKey, Ticket> waiting = new LinkedHashMap<>();
        SequencedSet<BuildKey> running = new LinkedHashSet<>();
        Map<String, Integer> turns = new HashMap<>();
        for (int event = 0; event < 200; event++) {
            happen(random, event, queue, waiting, running);
            List<BuildKey> admitted = queue.admit();
            for (BuildKey build : admitted) {
                Ticket ticket = waiting.remove(build);
                assertThat(ticket).as("%s waited", build).isNotNull();
                // Or it is the tenth turn, that of the oldest.
                boolean isTurnOfOldest = turns.merge(build.namespace(), 1, Integer::sum) % 10 == 0;
                if (!isTurnOfOldest) {
                    assertThat(waiting.values())
                            .filteredOn(t -> t.build().namespace().equals(build.namespace()))
                            .allSatisfy(t -> assertThat(Ticket.BY_TURN.compare(ticket, t))
                                    .isNegative());
                }
                running.add(build);
                if (isEmpty(build.namespace(), waiting, running)) {
                    turns.remove(build.namespace());
                }
            }
            assertThat(limits.cluster() == 0 || running.size() <= limits.cluster())
                    .isTrue();
            for (int n = 0; n < NAMESPACES; n++) {
                String name = "team-" + n;
                long here = count(running, name);
                assertThat(limits.namespace() == 0 || here <= limits.namespace())
                        .isTrue();
                boolean hasRoom = (limits.namespace() == 0 || here < limits.namespace())
                        && (limits.cluster() == 0 || running.size() < limits.cluster());
                assertThat(hasRoom && count(waiting.keySet(), name) > 0)
                        .as("%s waits although there is room", name)
                        .isFalse();
                if (isEmpty(name, waiting, running)) {
                    turns.remove(name);
                }
            }
            waiting.values()
                    .forEach(ticket -> assertThat(((Turn.Later) queue.turn(ticket.build())).position())
                            .isEqualTo(1
                                    + waiting.values().stream()
                                            .filter(t -> t.build()
                                                    .namespace()
                                                    .equals(ticket.build().namespace()))
                                            .filter(t -> Ticket.BY_TURN.compare(t, ticket) < 0)
                                            .count()));
        }
    }

    private static void happen(
            Random random,
            int event,
            Queue queue,
            SequencedMap<BuildKey, Ticket> waiting,
            SequencedSet<BuildKey> running) {
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                if (!running.isEmpty()) {
                    BuildKey ended = any(random, running);
                    running.remove(ended);
                    queue.end(ended);
                }
            }
            case 2 -> {
                if (!waiting.isEmpty()) {
                    BuildKey left = any(random, waiting.sequencedKeySet());
                    waiting.remove(left);
                    queue.leave(left);
                }
            }
            case 3 -> {
                if (!waiting.isEmpty()) {
                    Ticket changed = ticket(random, any(random, waiting.sequencedKeySet()), event);
                    waiting.put(changed.build(), changed);
                    queue.enter(changed);
                }
            }
            default -> {
                Ticket ticket = ticket(random, new BuildKey("team-" + random.nextInt(NAMESPACES), "b" + event), event);
                waiting.put(ticket.build(), ticket);
                queue.enter(ticket);
            }
        }
    }

    /// Every namespace that always has work has a turn again before every other one has had more than a few.
    @Property(tries = 100)
    void noNamespaceWithWorkStarves(
            @ForAll @IntRange(min = 1, max = 8) int cluster,
            @ForAll @IntRange(min = 2, max = 12) int namespaces,
            @ForAll long seed) {
        Random random = new Random(seed);
        Queue queue = new Queue(new Limits(cluster, 0));
        int count = 0;
        for (int n = 0; n < namespaces; n++) {
            // One team applies very much, another builds only what nobody asked for, and all of any priority.
            for (int i = 0; i < (n == 0 ? 200 : 20); i++) {
                queue.enter(new Ticket(
                        new BuildKey("team-" + n, "b" + count),
                        random.nextInt(5),
                        n != 1,
                        Instant.ofEpochSecond(count)));
                count++;
            }
        }
        Map<String, Integer> lastTurn = new HashMap<>();
        Set<String> running = new HashSet<>();
        List<BuildKey> atWork = new ArrayList<>();
        // Turns that pass over whether somebody asked are every tenth.
        int longest = 10 * (namespaces + cluster);
        int turn = 0;
        while (turn < 15 * namespaces) {
            for (BuildKey admitted : queue.admit()) {
                turn++;
                lastTurn.put(admitted.namespace(), turn);
                atWork.add(admitted);
                // There is always another one.
                queue.enter(new Ticket(
                        new BuildKey(admitted.namespace(), "c" + count),
                        random.nextInt(5),
                        !admitted.namespace().equals("team-1"),
                        Instant.ofEpochSecond(count)));
                count++;
            }
            running.clear();
            atWork.forEach(b -> running.add(b.namespace()));
            for (int n = 0; n < namespaces; n++) {
                String name = "team-" + n;
                assertThat(running.contains(name) || turn - lastTurn.getOrDefault(name, 0) <= longest)
                        .as("%s had its last turn at %s of %d", name, lastTurn.get(name), turn)
                        .isTrue();
            }
            queue.end(atWork.remove(random.nextInt(atWork.size())));
        }
    }

    /// Quotas that let only so many pods be made: all builds end all the same, and nobody asks in vain too often.
    @Property(tries = 100)
    void behindAQuotaAllHaveTheirTurn(@ForAll @IntRange(min = 1, max = 4) int quota, @ForAll long seed) {
        Random random = new Random(seed);
        Queue queue = new Queue(Limits.NONE);
        Set<BuildKey> left = new HashSet<>();
        Map<BuildKey, Ticket> turnedAway = new LinkedHashMap<>();
        Map<BuildKey, Ticket> all = new HashMap<>();
        for (int i = 0; i < 30; i++) {
            Ticket ticket = ticket(random, new BuildKey("a", "b" + i), i);
            all.put(ticket.build(), ticket);
            left.add(ticket.build());
            queue.enter(ticket);
        }
        List<BuildKey> running = new ArrayList<>();
        int refused = 0;
        for (int round = 0; round < 200 && !left.isEmpty(); round++) {
            List<BuildKey> admitted = queue.admit();
            while (!admitted.isEmpty()) {
                for (BuildKey build : admitted) {
                    if (running.size() < quota) {
                        running.add(build);
                        queue.started(build);
                    } else {
                        refused++;
                        turnedAway.put(build, all.get(build));
                        queue.turnAway(build);
                    }
                }
                admitted = queue.admit();
            }
            if (!running.isEmpty()) {
                BuildKey ended = running.remove(random.nextInt(running.size()));
                left.remove(ended);
                queue.end(ended);
            }
        }
        assertThat(left).isEmpty();
        // All at once at the start, and from then on two for each that ended.
        assertThat(refused).isLessThanOrEqualTo(30 + 2 * 30);
    }

    private static Ticket ticket(Random random, BuildKey build, int second) {
        return new Ticket(build, random.nextInt(3) - 1, random.nextInt(3) > 0, Instant.ofEpochSecond(second));
    }

    private static BuildKey any(Random random, SequencedSet<BuildKey> builds) {
        return new ArrayList<>(builds).get(random.nextInt(builds.size()));
    }

    private static boolean isEmpty(String namespace, Map<BuildKey, Ticket> waiting, Set<BuildKey> running) {
        return count(waiting.keySet(), namespace) + count(running, namespace) == 0;
    }

    private static long count(Set<BuildKey> builds, String namespace) {
        return builds.stream().filter(b -> b.namespace().equals(namespace)).count();
    }
}
