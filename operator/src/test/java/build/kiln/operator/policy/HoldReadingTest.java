package build.kiln.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.operator.policy.PodState.Hold;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventList;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What holds a pod up, in the words of those who know, and the field to look at.
class HoldReadingTest {

    private static final String IMAGE =
            "Look at builder.image of the chart (KILN_BUILDER_IMAGE of the operator), and at spec.pod.imagePullSecrets.";
    private static final String CACHE = "Look at builder.cache of the chart (KILN_BUILDER_CACHE_… of the operator).";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ErrImagePull | `failed to pull and unpack image "registry.example.com/kiln/builder:9": not found` | BuilderImageUnavailable
            ImagePullBackOff | `Back-off pulling image "registry.example.com/kiln/builder:9": ErrImagePull: not found` | BuilderImageUnavailable
            InvalidImageName | `Failed to apply default image tag "Builder": couldn't parse image name "Builder": invalid reference format: repository name (library/Builder) must be lowercase` | BuilderImageUnavailable
            ErrImageNeverPull | `Container image "builder:9" is not present with pull policy of Never` | BuilderImageUnavailable
            """)
    void anImageThatTheNodeCannotGet(String reason, String message, String kiln) {
        Hold hold = hold(waiting(reason, message), "");
        assertThat(hold).isEqualTo(new Hold(kiln, reason + ": " + message, IMAGE));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            CreateContainerConfigError | `secret "proxy" not found` | Look at spec.pod.env.
            CreateContainerConfigError | `couldn't find key url in Secret team-a/proxy` | Look at spec.pod.env.
            RunContainerError | `failed to create containerd task: failed to create shim task: OCI runtime create failed` | Look at spec.pod.runtimeClassName, and at node node-1.
            CreateContainerError | `failed to reserve container name` | Look at spec.pod.runtimeClassName, and at node node-1.
            """)
    void aContainerThatTheNodeCannotStart(String reason, String message, String advice) {
        assertThat(hold(waiting(reason, message), ""))
                .isEqualTo(new Hold("BuilderNotStarted", reason + ": " + message, advice));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            `0/1 nodes are available: 1 Insufficient memory. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.` | 0/1 nodes are available: 1 Insufficient memory | Unschedulable | Look at spec.pod.resources.
            `0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.` | 0/3 nodes are available: 3 Insufficient memory | Unschedulable | Look at spec.pod.resources.
            `0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.` | 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector | Unschedulable | `Look at spec.platforms, spec.pod.nodeSelector, spec.pod.affinity.`
            `0/2 nodes are available: 2 node(s) had untolerated taint {gpu: true}.` | 0/2 nodes are available: 2 node(s) had untolerated taint {gpu: true} | Unschedulable | Look at spec.pod.tolerations.
            `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod affinity rules.` | `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod affinity rules` | Unschedulable | `Look at spec.pod.resources, spec.pod.affinity, builder.cache of the chart (KILN_BUILDER_CACHE_… of the operator).`
            `0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.` | `0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints` | Unschedulable | Look at spec.pod.topologySpreadConstraints.
            `no nodes available to schedule pods` | no nodes available to schedule pods | Unschedulable | Look at spec.pod.
            `0/1 nodes are available: persistentvolumeclaim "src" not found. not found.` | `0/1 nodes are available: persistentvolumeclaim "src" not found` | VolumeUnavailable | Look at spec.source.volume.claimName.
            `0/1 nodes are available: 1 node(s) had volume node affinity conflict.` | 0/1 nodes are available: 1 node(s) had volume node affinity conflict | VolumeUnavailable | `Look at builder.cache of the chart (KILN_BUILDER_CACHE_… of the operator), and at spec.source.volume.claimName.`
            """)
    void aPodThatNoNodeTakes(String message, String words, String reason, String advice) {
        assertThat(hold(unschedulable(message), "")).isEqualTo(new Hold(reason, words, advice));
    }

    @Test
    void aClaimThatStaysPendingIsSaidWithItsOwnEvent() {
        Hold hold = hold(
                unschedulable("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found."),
                """
                {reason: ExternalProvisioning, message: waiting, type: Normal, lastTimestamp: "2026-03-01T12:00:02Z", involvedObject: {kind: PersistentVolumeClaim, name: kiln-cache}},
                {reason: ProvisioningFailed, message: 'storageclass.storage.k8s.io "fast" not found', type: Warning, lastTimestamp: "2026-03-01T12:00:01Z", involvedObject: {kind: PersistentVolumeClaim, name: kiln-cache}}
                """);
        assertThat(hold)
                .isEqualTo(new Hold(
                        "VolumeUnavailable",
                        "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims; claim kiln-cache: ProvisioningFailed: storageclass.storage.k8s.io \"fast\" not found",
                        CACHE));
    }

    @Test
    void aClaimWithoutVolumesIsSaidBeforeTheSchedulerHasSpoken() {
        Hold hold = hold("{phase: Pending}", """
                {reason: FailedBinding, message: no persistent volumes available for this claim and no storage class is set, lastTimestamp: "2026-03-01T12:00:01Z", involvedObject: {kind: PersistentVolumeClaim, name: src}}
                """);
        assertThat(hold)
                .isEqualTo(new Hold(
                        "VolumeUnavailable",
                        "claim src: FailedBinding: no persistent volumes available for this claim and no storage class is set",
                        "Look at spec.source.volume.claimName."));
    }

    @Test
    void aVolumeThatTheNodeCannotMountIsSaidUntilThePodGoesOn() {
        String failed = """
                {reason: FailedMount, message: 'MountVolume.SetUp failed for volume "pv-7" : mount failed: exit status 32', lastTimestamp: "2026-03-01T12:00:01Z", involvedObject: {kind: Pod, name: web-1-0}},
                {reason: Scheduled, message: 'Successfully assigned team-a/web-1-0 to node-1', eventTime: "2026-03-01T12:00:01Z", involvedObject: {kind: Pod, name: web-1-0}}
                """;
        assertThat(hold(waiting("ContainerCreating", ""), failed).message())
                .isEqualTo("FailedMount: MountVolume.SetUp failed for volume \"pv-7\" : mount failed: exit status 32");
        assertThat(hold(waiting("ContainerCreating", ""), failed).reason()).isEqualTo("VolumeUnavailable");
        String goesOn = failed.stripTrailing()
                + ", {reason: Pulling, message: pulls, lastTimestamp: \"2026-03-01T12:00:09Z\", involvedObject: {kind: Pod, name: web-1-0}}";
        assertThat(hold(waiting("ContainerCreating", ""), goesOn)).isEqualTo(Hold.NOTHING);
    }

    @Test
    void aSandboxThatTheNodeCannotMakeIsSaid() {
        Hold hold = hold(waiting("ContainerCreating", ""), """
                {reason: FailedCreatePodSandBox, message: 'Failed to create pod sandbox: rpc error: no runtime for "gvisor" is configured', lastTimestamp: "2026-03-01T12:00:01Z", involvedObject: {kind: Pod, name: web-1-0}}
                """);
        assertThat(hold)
                .isEqualTo(new Hold(
                        "BuilderNotStarted",
                        "FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: no runtime for \"gvisor\" is configured",
                        "Look at spec.pod.runtimeClassName, and at node node-1."));
    }

    @Test
    void aPodOnItsWayIsNotHeldUp() {
        assertThat(hold("{phase: Pending}", "")).isEqualTo(Hold.NOTHING);
        assertThat(hold(waiting("ContainerCreating", ""), "")).isEqualTo(Hold.NOTHING);
        assertThat(hold("{phase: Pending, conditions: [{type: PodScheduled, status: 'True'}]}", ""))
                .isEqualTo(Hold.NOTHING);
    }

    private static String waiting(String reason, String message) {
        return "{phase: Pending, conditions: [{type: PodScheduled, status: 'True'}], containerStatuses: [{name: builder, state: {waiting: {reason: %s, message: '%s'}}}]}"
                .formatted(reason, message.replace("'", "''"));
    }

    private static String unschedulable(String message) {
        return "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: '%s'}]}"
                .formatted(message.replace("'", "''"));
    }

    private static Hold hold(String status, String events) {
        Pod pod = Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: web-1-0}
                spec:
                  %s
                  containers: [{name: builder}]
                  volumes:
                  - {name: cache, persistentVolumeClaim: {claimName: kiln-cache}}
                  - {name: source, persistentVolumeClaim: {claimName: src}}
                status: %s
                """.formatted(status.contains("containerStatuses") ? "nodeName: node-1" : "hostNetwork: false", status),
                Pod.class);
        List<Event> list = Serialization.unmarshal(
                        "apiVersion: v1\nkind: EventList\nitems: ["
                                + events.strip().replace("\n", " ") + "]\n",
                        EventList.class)
                .getItems();
        return HoldReading.hold(pod, Objects.requireNonNull(list));
    }
}
