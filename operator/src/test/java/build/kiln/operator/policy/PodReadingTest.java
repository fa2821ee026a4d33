package build.kiln.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.operator.policy.PodState.Hold;
import build.kiln.protocol.Fault;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodReadingTest {

    private static final String REPORT = Fixtures.succeeded().toTerminationMessage();

    @Test
    void aPodWithoutStatusWaits() {
        assertThat(read("{}")).isEqualTo(new PodState.Waiting(Hold.NOTHING));
    }

    @Test
    void aReportCountsAsSoonAsTheContainerHasEnded() {
        String ended =
                "containerStatuses: [{name: builder, state: {terminated: {exitCode: 0, finishedAt: '2026-03-01T11:59:58Z', message: '%s'}}}]"
                        .formatted(REPORT);
        assertThat(read("{phase: Running, " + ended + "}")).isEqualTo(new PodState.Reported(Fixtures.succeeded()));
        assertThat(read("{phase: Succeeded, " + ended + "}")).isEqualTo(new PodState.Reported(Fixtures.succeeded()));
    }

    @Test
    void anImageThatWasPushedIsThereWhateverBecameOfThePod() {
        assertThat(read(
                        "{phase: Failed, reason: Evicted, conditions: [{type: DisruptionTarget, status: 'True'}], containerStatuses: [{name: builder, state: {terminated: {exitCode: 0, message: '"
                                + REPORT + "'}}}]}"))
                .isEqualTo(new PodState.Reported(Fixtures.succeeded()));
    }

    /// A pod of a crowd may wait long for the scheduler; then nothing is wrong with its node yet.
    @Test
    void aPodIsPendingSinceItHasItsNode() {
        Pod pod = pod("{phase: Pending}");
        pod.getMetadata().setCreationTimestamp("2026-03-01T12:00:00Z");
        assertThat(BuilderPod.pendingSince(pod)).isEqualTo("2026-03-01T12:00:00Z");
        Pod scheduled = pod(
                "{phase: Pending, conditions: [{type: PodScheduled, status: 'True', lastTransitionTime: '2026-03-01T12:07:00Z'}]}");
        scheduled.getMetadata().setCreationTimestamp("2026-03-01T12:00:00Z");
        assertThat(BuilderPod.pendingSince(scheduled)).isEqualTo("2026-03-01T12:07:00Z");
    }

    @Test
    void aPodIsStartingForSomeSecondsAfterItWasMadeAndWhileNothingHoldsItUp() {
        Instant made = Instant.parse("2026-03-01T12:00:00Z");
        assertThat(made("{phase: Pending}").isStarting(made.plusSeconds(4))).isTrue();
        assertThat(made("{phase: Pending}").isStarting(made.plusSeconds(5))).isFalse();
        assertThat(made("{phase: Running, containerStatuses: [{name: builder, state: {running: {}}}]}")
                        .isStarting(made.plusSeconds(4)))
                .isFalse();
        assertThat(
                        made("{phase: Pending, containerStatuses: [{name: builder, state: {waiting: {reason: ErrImagePull}}}]}")
                                .isStarting(made.plusSeconds(4)))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {phase: Failed, reason: Evicted, message: 'The node was low on resource: memory.'} | Disrupted | PLATFORM | The cluster took pod web-1-0 away (Evicted: The node was low on resource: memory). The build goes on from its last finished step.
            {phase: Failed, conditions: [{type: DisruptionTarget, status: 'True', reason: PreemptionByScheduler, message: 'preempting to accommodate a higher priority pod'}]} | Disrupted | PLATFORM | The cluster took pod web-1-0 away (PreemptionByScheduler: preempting to accommodate a higher priority pod). The build goes on from its last finished step.
            {phase: Failed} | Disrupted | PLATFORM | Pod web-1-0 ended without having run. The build is tried again.
            {phase: Failed, reason: DeadlineExceeded, containerStatuses: [{name: builder, state: {terminated: {exitCode: 137, reason: Error}}}]} | TimedOut | USER | Pod web-1-0 was ended while it worked on "RUN make" because it outlived its deadline. Raise spec.timeout, or make the build shorter.
            {phase: Failed, reason: DeadlineExceeded, message: 'Pod was active on the node longer than the specified deadline', containerStatuses: [{name: builder, state: {waiting: {reason: ContainerCreating}}}]} | TimedOut | USER | Pod web-1-0 was ended while it worked on "RUN make" because it outlived its deadline. Raise spec.timeout, or make the build shorter.
            {phase: Failed, containerStatuses: [{name: builder, state: {terminated: {exitCode: 137, reason: OOMKilled}}}]} | OutOfMemory | USER | Pod web-1-0 was killed while it worked on "RUN make" because it had used up its memory: its limit is 512Mi. Raise spec.pod.resources.limits.memory, or let Kiln raise it (spec.retryWithMemory).
            {phase: Failed, containerStatuses: [{name: builder, state: {terminated: {exitCode: 128, reason: StartError, message: 'failed to create shim task: userns'}}}]} | BuilderNotStarted | PLATFORM | Node node-1 did not start the builder of pod web-1-0 (StartError: failed to create shim task: userns).
            {phase: Failed, containerStatuses: [{name: builder, state: {terminated: {exitCode: 137, reason: Error}}}]} | BuilderDied | PLATFORM | The builder in pod web-1-0 ended with exit status 137 (signal 9) while it worked on "RUN make" and left no report.
            {phase: Failed, containerStatuses: [{name: builder, state: {terminated: {exitCode: 1, reason: Error, message: 'Could not create the Java Virtual Machine.'}}}]} | BuilderDied | PLATFORM | The builder in pod web-1-0 ended with exit status 1 while it worked on "RUN make" and left no report. Its last words: Could not create the Java Virtual Machine
            {phase: Succeeded, containerStatuses: [{name: builder, state: {terminated: {exitCode: 0, message: '{"version":9}'}}}]} | ReportUnreadable | KILN | The build report has version 9; this program takes version 1. The builder image and the operator are of different releases; use a builder image of the operator's own release (setting KILN_BUILDER_IMAGE).
            """)
    void anEndWithoutReportHasAReasonAndAFault(String status, String reason, Fault fault, String message) {
        assertThat(read(status)).isInstanceOfSatisfying(PodState.Died.class, died -> {
            assertThat(died.failure().reason()).isEqualTo(reason);
            assertThat(died.failure().fault()).isEqualTo(fault);
            assertThat(died.failure().message()).isEqualTo(message);
        });
    }

    /// Meshes and agents put containers of their own into pods, before the builder's or after it, and they run on.
    @Test
    void theBuildersOwnContainerCountsWhateverElseIsInThePod() {
        Pod pod = Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web-1-0}
                spec:
                  containers:
                    - {name: agent, resources: {limits: {memory: 20Mi}}}
                    - {name: builder, resources: {limits: {memory: 512Mi}}}
                status:
                  phase: Running
                  containerStatuses:
                    - {name: agent, state: {running: {startedAt: '2026-03-01T11:59:00Z'}}}
                    - {name: builder, state: {terminated: {exitCode: 0, finishedAt: '2026-03-01T11:59:58Z', message: '%s'}}}
                """.formatted(REPORT), Pod.class);
        BuilderPod read = BuilderPod.of(pod, Optional.empty(), List.of());
        assertThat(read.state()).isEqualTo(new PodState.Reported(Fixtures.succeeded()));
        assertThat(read.memoryLimit()).contains("512Mi");
    }

    @Test
    void aReasonThatNoConditionCanHaveIsNotTaken() {
        String report = Fixtures.failed("No word at all!", Fault.USER)
                .toTerminationMessage()
                .replace("'", "''");
        assertThat(read(
                        "{phase: Failed, containerStatuses: [{name: builder, state: {terminated: {exitCode: 1, message: '"
                                + report + "'}}}]}"))
                .isInstanceOfSatisfying(PodState.Died.class, died -> {
                    assertThat(died.failure().reason()).isEqualTo("ReportUnreadable");
                    assertThat(died.failure().message())
                            .startsWith(
                                    "The build report of pod web-1-0 has a reason that is no word: No word at all!.");
                });
    }

    @Test
    void aBuilderThatTheClusterToldToStopWasDisrupted() {
        String interrupted = Fixtures.failed("Interrupted", Fault.PLATFORM)
                .toTerminationMessage()
                .replace("'", "''");
        assertThat(read(
                        "{phase: Failed, conditions: [{type: DisruptionTarget, status: 'True', reason: EvictionByEvictionAPI}], containerStatuses: [{name: builder, state: {terminated: {exitCode: 143, message: '"
                                + interrupted + "'}}}]}"))
                .isInstanceOfSatisfying(
                        PodState.Died.class,
                        d -> assertThat(d.failure().reason()).isEqualTo("Disrupted"));
    }

    private static PodState read(String status) {
        return BuilderPod.of(pod(status), Optional.of("RUN make"), List.of()).state();
    }

    private static BuilderPod made(String status) {
        Pod pod = pod(status);
        pod.getMetadata().setCreationTimestamp("2026-03-01T12:00:00Z");
        return BuilderPod.of(pod, Optional.empty(), List.of());
    }

    private static Pod pod(String status) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web-1-0, labels: {kiln.build/generation: "1", kiln.build/attempt: "0"}}
                spec: {nodeName: node-1, containers: [{name: builder, resources: {limits: {memory: 512Mi}}}]}
                status: %s
                """.formatted(status), Pod.class);
    }
}
