package build.kiln.operator.policy;

import static build.kiln.operator.policy.Fixtures.CLOCK;
import static build.kiln.operator.policy.Fixtures.NOW;
import static build.kiln.operator.policy.Fixtures.imageBuild;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.operator.policy.PodState.Hold;
import build.kiln.protocol.Fault;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Pods as Kueue's integration of plain pods makes them: gated, let go, and taken away.
class KueueTest {

    private static final String GATED = "schedulingGates: [{name: kueue.x-k8s.io/admission}], ";
    private static final String PENDING =
            "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated, message:"
                    + " 'Scheduling is blocked due to non-empty scheduling gates'}]}";
    private static final String BUILDING =
            "phase: Building, build: {generation: 1, attempt: 0, firstAttempt: 0, pod: web-1-0, reason: Created}";

    @Test
    void aGatedPodWaitsInItsQueueAndIsNotAtWork() {
        Pod pod = pod(GATED, PENDING);
        assertThat(BuilderPod.isAtWork(pod)).isFalse();
        assertThat(BuilderPod.isPending(pod)).isFalse();
        BuilderPod seen = BuilderPod.of(pod, Optional.empty(), List.of());
        assertThat(seen.state())
                .isEqualTo(new PodState.Waiting(new Hold("QueuedByKueue", "waits in Kueue's queue \"builds\"", "")));
        assertThat(seen.isActive()).isTrue();
        assertThat(seen.isAtWork(NOW)).isFalse();
    }

    @Test
    void aGateOfSomebodyElseIsNamed() {
        Pod pod = pod("schedulingGates: [{name: example.com/review}], ", PENDING);
        assertThat(BuilderPod.isAtWork(pod)).isTrue();
        assertThat(HoldReading.hold(pod, List.of()))
                .isEqualTo(new Hold(
                        "Unschedulable",
                        "scheduling gates hold it back: example.com/review",
                        "Look at who sets them on pods of this namespace, and lifts them."));
    }

    @Test
    void whatWaitsInTheQueueHasNoTimeLimit() {
        Clock nextWeek = Clock.offset(CLOCK, Duration.ofDays(7));
        assertThat(judge(nextWeek, pod(GATED, PENDING)))
                .isInstanceOfSatisfying(
                        Verdict.Building.class, v -> assertThat(v.overdueAt()).isAfter(nextWeek.instant()));
        Pod letGo = pod("", "{phase: Pending}");
        assertThat(judge(nextWeek, letGo)).isInstanceOf(Verdict.Building.class);
        Pod started = pod("", "{phase: Running, startTime: '%s'}".formatted(NOW.plus(Duration.ofDays(7))));
        assertThat(judge(nextWeek, started))
                .isInstanceOfSatisfying(
                        Verdict.Building.class,
                        v -> assertThat(v.overdueAt())
                                .isEqualTo(nextWeek.instant().plus(Duration.ofMinutes(63))));
        Clock later = Clock.offset(nextWeek, Duration.ofMinutes(64));
        assertThat(judge(later, started))
                .isInstanceOfSatisfying(
                        Verdict.Failed.class,
                        v -> assertThat(v.failure().reason()).isEqualTo("TimedOut"));
    }

    /// A cluster whose quota is larger than its nodes.
    @Test
    void whatKueueHasLetGoFindsANodeInTimeOrFails() {
        Pod pod = pod(
                "",
                "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message:"
                        + " '0/3 nodes are available: 3 Insufficient cpu.'}]}");
        Clock nextWeek = Clock.offset(CLOCK, Duration.ofDays(7));
        String letGo = BUILDING.replace("}", ", letGoAt: '" + nextWeek.instant() + "'}");
        assertThat(judge(nextWeek, letGo, pod))
                .isInstanceOfSatisfying(
                        Verdict.Building.class,
                        v -> assertThat(v.overdueAt())
                                .isEqualTo(nextWeek.instant().plus(Duration.ofMinutes(63))));
        assertThat(judge(Clock.offset(nextWeek, Duration.ofMinutes(64)), letGo, pod))
                .isInstanceOfSatisfying(Verdict.Failed.class, v -> {
                    assertThat(v.failure().reason()).isEqualTo("TimedOut");
                    assertThat(v.failure().message())
                            .isEqualTo("Pod web-1-0 was not done after 1h (spec.timeout) and was stopped. It waited for"
                                    + " this: 0/3 nodes are available: 3 Insufficient cpu. Look at spec.pod.resources."
                                    + " Raise spec.timeout, or make the build shorter.");
                    assertThat(v.toStop()).hasSize(1);
                });
        Pod started = pod("", "{phase: Running, startTime: '%s'}".formatted(NOW.plus(Duration.ofDays(7))));
        assertThat(judge(nextWeek, BUILDING.replace("}", ", letGoAt: '" + NOW + "'}"), started))
                .isInstanceOf(Verdict.Building.class);
    }

    @Test
    void aPodThatKueueTookAwaySaysWhy() {
        String interrupted = Fixtures.failed("Interrupted", Fault.PLATFORM)
                .toTerminationMessage()
                .replace("'", "''");
        String condition =
                "conditions: [{type: TerminationTarget, status: 'True', reason: WorkloadEvicted, message: 'Preempted to accommodate a workload'}]";
        for (String container : List.of(
                "",
                ", containerStatuses: [{name: builder, state: {terminated: {exitCode: 143, message: '" + interrupted
                        + "'}}}]",
                ", containerStatuses: [{name: builder, state: {terminated: {exitCode: 137, reason: Error}}}]")) {
            Pod pod = pod("", "{phase: Failed, " + condition + container + "}");
            assertThat(BuilderPod.of(pod, Optional.empty(), List.of()).state())
                    .isInstanceOfSatisfying(PodState.Died.class, died -> {
                        assertThat(died.failure().reason()).isEqualTo("EvictedByKueue");
                        assertThat(died.failure().message())
                                .isEqualTo("Kueue took pod web-1-0 away (WorkloadEvicted: Preempted to accommodate a"
                                        + " workload). It is made again, and the build goes on from its last"
                                        + " finished step.");
                    });
        }
    }

    @Test
    void anImageThatWasPushedBeforeItWasTakenAwayIsThere() {
        String report = Fixtures.succeeded().toTerminationMessage();
        Pod pod = pod(
                "",
                "{phase: Succeeded, conditions: [{type: TerminationTarget, status: 'True'}], containerStatuses: [{name: builder, state: {terminated: {exitCode: 0, message: '"
                        + report + "'}}}]}");
        assertThat(BuilderPod.of(pod, Optional.empty(), List.of()).state())
                .isEqualTo(new PodState.Reported(Fixtures.succeeded()));
    }

    private static Verdict judge(Clock clock, Pod pod) {
        return judge(clock, BUILDING, pod);
    }

    private static Verdict judge(Clock clock, String status, Pod pod) {
        return new Judge(clock, Duration.ofMinutes(10))
                .judge(imageBuild(1, "", status), List.of(BuilderPod.of(pod, Optional.empty(), List.of())));
    }

    private static Pod pod(String spec, String status) {
        return Serialization.unmarshal("""
            apiVersion: v1
            kind: Pod
            metadata:
              name: web-1-0
              creationTimestamp: "2026-03-01T11:59:00Z"
              labels: {kiln.build/generation: "1", kiln.build/attempt: "0", kueue.x-k8s.io/queue-name: builds, kueue.x-k8s.io/managed: "true"}
            spec: {%scontainers: [{name: builder}]}
            status: %s
            """.formatted(spec, status), Pod.class);
    }
}
