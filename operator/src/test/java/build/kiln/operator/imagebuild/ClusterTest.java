package build.kiln.operator.imagebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.queue.BuildKey;
import build.kiln.operator.queue.Limits;
import build.kiln.operator.queue.Ticket;
import build.kiln.operator.queue.Turn;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClusterTest {

    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final SettableClock clock = new SettableClock();
    private final List<BuildKey> woken = new ArrayList<>();

    @Test
    void tenThousandWaitAndEachIsWokenOnceWhenItsTurnHasCome() {
        Cluster cluster = cluster(new Limits(500, 20));
        Deque<BuildKey> running = new ArrayDeque<>();
        for (int i = 0; i < 10_000; i++) {
            BuildKey build = new BuildKey("team-" + i % 100, "b" + i);
            if (ask(cluster, build, i) instanceof Turn.Now) {
                cluster.seen(pod(build, "Running"));
                running.add(build);
            }
            cluster.lookedAt(build, List.of());
        }
        assertThat(running).hasSize(500);
        assertThat(woken).isEmpty();
        // Two seconds were needed for each of these when all were looked through.
        assertTimeout(Duration.ofSeconds(30), () -> {
            for (int ended = 0; ended < 10_000; ended++) {
                BuildKey build = running.removeFirst();
                int before = woken.size();
                cluster.seen(pod(build, "Succeeded"));
                assertThat(woken).hasSize(ended < 9_500 ? before + 1 : before);
                if (woken.size() > before) {
                    BuildKey next = woken.getLast();
                    assertThat(ask(cluster, next, 0)).isEqualTo(new Turn.Now());
                    cluster.seen(pod(next, "Running"));
                    running.add(next);
                }
            }
        });
        assertThat(woken).hasSize(9_500).doesNotHaveDuplicates();
        assertThat(cluster.atWork()).isZero();
    }

    @Test
    void whatTheCachesKnowAfterAStartComesInItsOrder() {
        BuildKey runs = new BuildKey("a", "runs");
        ImageBuild early = new ImageBuild();
        Cluster cluster = new Cluster(
                new Limits(0, 1),
                clock,
                new Cluster.Known(
                        () -> Stream.of(early),
                        () -> Stream.of(pod(runs, "Running")),
                        build -> Optional.of(ticket(new BuildKey("a", "early"), 1))),
                woken::add);
        assertThat(ask(cluster, new BuildKey("a", "late"), 2))
                .isEqualTo(new Turn.Later(2, "2nd of a; the namespace runs 1 of 1."));
        cluster.seen(pod(runs, "Succeeded"));
        assertThat(woken).containsExactly(new BuildKey("a", "early"));
    }

    @Test
    void whatEndedWhileNoOperatorWasThereIsWrittenDownBeforeAnybodyStarts() {
        BuildKey late = new BuildKey("a", "late");
        Cluster cluster = clusterAfterAnAbsence();
        assertThat(ask(cluster, late, 2)).isEqualTo(new Turn.NotYet());
        cluster.lookedAt(late, List.of());
        cluster.lookedAt(new BuildKey("a", "runs"), List.of());
        assertThat(woken).isEmpty();

        cluster.lookedAt(new BuildKey("a", "ended"), List.of());

        assertThat(woken).containsExactly(late);
        assertThat(ask(cluster, late, 2)).isEqualTo(new Turn.Now());
    }

    @Test
    void whatEndedWhileNoOperatorWasThereHoldsNobodyUpForLong() {
        BuildKey late = new BuildKey("a", "late");
        Cluster cluster = clusterAfterAnAbsence();
        assertThat(ask(cluster, late, 2)).isEqualTo(new Turn.NotYet());
        clock.now = START.plus(Duration.ofSeconds(20));
        assertThat(ask(cluster, late, 2)).isEqualTo(new Turn.Now());
    }

    @Test
    void anImageBuildThatIsDeletedMeanwhileHoldsNobodyUp() {
        BuildKey late = new BuildKey("a", "late");
        Cluster cluster = clusterAfterAnAbsence();
        assertThat(ask(cluster, late, 2)).isEqualTo(new Turn.NotYet());
        cluster.gone(new BuildKey("a", "ended"));
        assertThat(woken).containsExactly(late);
    }

    /// Two builds are said to be at work, and the pod of one of them has ended.
    private Cluster clusterAfterAnAbsence() {
        return new Cluster(
                new Limits(0, 0),
                clock,
                new Cluster.Known(
                        () -> Stream.of(atWork("runs"), atWork("ended")),
                        () -> Stream.of(
                                pod(new BuildKey("a", "runs"), "Running"),
                                pod(new BuildKey("a", "ended"), "Succeeded")),
                        build -> Optional.empty()),
                woken::add);
    }

    private static ImageBuild atWork(String name) {
        return Serialization.unmarshal("""
                apiVersion: kiln.build/v1alpha1
                kind: ImageBuild
                metadata: {namespace: a, name: %1$s}
                status: {build: {generation: 1, pod: %1$s-1-0}}
                """.formatted(name), ImageBuild.class);
    }

    @Test
    void aPermissionThatIsNotUsedFallsBack() {
        Cluster cluster = cluster(new Limits(1, 0));
        assertThat(ask(cluster, new BuildKey("a", "1"), 1)).isEqualTo(new Turn.Now());
        assertThat(ask(cluster, new BuildKey("a", "2"), 2)).isInstanceOf(Turn.Later.class);
        clock.now = START.plus(Duration.ofSeconds(29));
        assertThat(ask(cluster, new BuildKey("a", "2"), 2)).isInstanceOf(Turn.Later.class);
        clock.now = START.plus(Duration.ofSeconds(31));
        assertThat(ask(cluster, new BuildKey("a", "2"), 2)).isEqualTo(new Turn.Now());
    }

    @Test
    void whoNoLongerWantsToStartMakesRoom() {
        Cluster cluster = cluster(new Limits(1, 0));
        BuildKey suspended = new BuildKey("a", "1");
        ask(cluster, suspended, 1);
        cluster.lookedAt(suspended, List.of());
        ask(cluster, new BuildKey("a", "2"), 2);
        assertThat(woken).isEmpty();
        cluster.lookedAt(suspended, List.of());
        assertThat(woken).containsExactly(new BuildKey("a", "2"));
    }

    @Test
    void anImageBuildThatIsDeletedMakesRoom() {
        Cluster cluster = cluster(new Limits(1, 0));
        BuildKey first = new BuildKey("a", "1");
        ask(cluster, first, 1);
        cluster.seen(pod(first, "Running"));
        ask(cluster, new BuildKey("a", "2"), 2);
        ask(cluster, new BuildKey("a", "3"), 3);
        cluster.gone(new BuildKey("a", "2"));
        cluster.gone(first);
        // Its pod is still there.
        assertThat(woken).isEmpty();
        cluster.gone(pod(first, "Running"));
        assertThat(woken).containsExactly(new BuildKey("a", "3"));
    }

    @Test
    void aBuildHasItsPlaceUntilTheLastOfItsPodsHasEnded() {
        Cluster cluster = cluster(new Limits(1, 0));
        BuildKey several = new BuildKey("a", "1");
        ask(cluster, several, 1);
        cluster.made(several);
        assertThat(ask(cluster, several, 1)).isEqualTo(new Turn.Now());
        // The second platform's pod is refused; that of the first is there.
        cluster.giveBack(several);
        ask(cluster, new BuildKey("a", "2"), 2);
        assertThat(woken).isEmpty();
        cluster.seen(pod(several, "Running"));
        cluster.seen(pod(several, "other", "Running"));
        cluster.seen(pod(several, "Succeeded"));
        assertThat(woken).isEmpty();
        assertThat(cluster.atWork()).isEqualTo(1);
        cluster.seen(pod(several, "other", "Failed"));
        assertThat(woken).containsExactly(new BuildKey("a", "2"));
    }

    @Test
    void aPodInKueuesQueueHoldsNoPlaceAndOneThatKueueLetGoDoes() {
        Cluster cluster = cluster(new Limits(1, 0));
        BuildKey queued = new BuildKey("a", "1");
        ask(cluster, queued, 1);
        cluster.made(queued);
        ask(cluster, new BuildKey("a", "2"), 2);
        ask(cluster, new BuildKey("a", "3"), 3);
        Pod gated = pod(queued, "Pending");
        gated.getSpec().setSchedulingGates(List.of(new PodSchedulingGate("kueue.x-k8s.io/admission")));
        cluster.seen(gated);
        cluster.lookedAt(queued, List.of(seen(gated)));
        cluster.lookedAt(queued, List.of(seen(gated)));
        assertThat(woken).containsExactly(new BuildKey("a", "2"));
        assertThat(cluster.atWork()).isZero();
        cluster.seen(pod(new BuildKey("a", "2"), "Running"));
        // Kueue decides about it alone: it runs, and counts, though there is no room.
        cluster.seen(pod(queued, "Pending"));
        assertThat(cluster.atWork()).isEqualTo(2);
        cluster.seen(pod(new BuildKey("a", "2"), "Succeeded"));
        assertThat(woken).hasSize(1);
        cluster.seen(pod(queued, "Succeeded"));
        assertThat(woken).containsExactly(new BuildKey("a", "2"), new BuildKey("a", "3"));
    }

    @Test
    void aPodThatLooksAtBaseImagesIsNoBuild() {
        Cluster cluster = cluster(new Limits(1, 0));
        Pod check = pod(new BuildKey("a", "1"), "Running");
        check.getMetadata().setLabels(Map.of("kiln.build/part", "bases"));
        cluster.seen(check);
        assertThat(cluster.atWork()).isZero();
        assertThat(ask(cluster, new BuildKey("a", "2"), 2)).isEqualTo(new Turn.Now());
    }

    @Test
    void aPodOnANodeThatDoesNotAnswerHoldsNoPlace() {
        Cluster cluster = cluster(new Limits(1, 0));
        BuildKey lost = new BuildKey("a", "1");
        ask(cluster, lost, 1);
        Pod pod = pod(lost, "Running");
        pod.getMetadata().setDeletionTimestamp(START.toString());
        cluster.seen(pod);
        ask(cluster, new BuildKey("a", "2"), 2);
        cluster.lookedAt(lost, List.of(seen(pod)));
        clock.now = START.plusSeconds(119);
        cluster.lookedAt(lost, List.of(seen(pod)));
        assertThat(woken).isEmpty();
        clock.now = START.plusSeconds(120);
        cluster.lookedAt(lost, List.of(seen(pod)));
        assertThat(woken).containsExactly(new BuildKey("a", "2"));
    }

    @Test
    void whatAQuotaRefusesAsksAgainLaterAndLater() {
        Cluster cluster = cluster(Limits.NONE);
        BuildKey build = new BuildKey("a", "1");
        ask(cluster, build, 1);
        Duration first = cluster.turnedAway(build);
        ask(cluster, build, 1);
        Duration second = cluster.turnedAway(build);
        assertThat(first).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(12));
        assertThat(second).isBetween(Duration.ofSeconds(16), Duration.ofSeconds(24));
        assertThat(woken).isEmpty();
    }

    private Cluster cluster(Limits limits) {
        return new Cluster(
                limits, clock, new Cluster.Known(Stream::empty, Stream::empty, b -> Optional.empty()), woken::add);
    }

    private static Turn ask(Cluster cluster, BuildKey build, int second) {
        return cluster.askToStart(ticket(build, second));
    }

    private static Ticket ticket(BuildKey build, int second) {
        return new Ticket(build, 0, true, Instant.ofEpochSecond(second));
    }

    private static BuilderPod seen(Pod pod) {
        return BuilderPod.of(pod, Optional.empty(), List.of());
    }

    private static Pod pod(BuildKey build, String phase) {
        return pod(build, build.name() + "-1-0", phase);
    }

    private static Pod pod(BuildKey build, String name, String phase) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(build.namespace())
                .withName(name)
                .addNewOwnerReference()
                .withKind("ImageBuild")
                .withName(build.name())
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    private static final class SettableClock extends Clock {

        private Instant now = START;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
