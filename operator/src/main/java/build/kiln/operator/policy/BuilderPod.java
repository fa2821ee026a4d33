package build.kiln.operator.policy;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// A builder pod as it was last seen.
///
/// @param part what it does of a build for several platforms: `linux-arm64`, `index`; empty if it does all of it
/// @param node empty while it has none
/// @param leavesBy when it is to be gone, if it is marked for deletion
/// @param memoryLimit of the builder, as Kubernetes writes it
/// @param createdAt by the API server's clock
/// @param limitedFrom since when its time limit counts; empty while it does not, or if the pod does not tell
/// @param startedAt when the builder started, if the kubelet said so
/// @param endedAt when the builder ended, if the kubelet said so
public record BuilderPod(
        String name,
        String uid,
        String part,
        Circumstances circumstances,
        long generation,
        int attempt,
        Optional<String> node,
        Optional<Instant> leavesBy,
        Instant createdAt,
        Optional<Instant> limitedFrom,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        Optional<String> memoryLimit,
        PodState state) {

    /// What a pod takes to start where nothing is wrong and its image is there.
    public static final Duration TIME_TO_START = Duration.ofSeconds(5);

    /// A pod that should have been gone for so long is on a node that does not answer any more.
    static final Duration NODE_PATIENCE = Duration.ofMinutes(2);

    /// @param current the instruction that the builder was last heard to work on; for messages
    /// @param events of the pod and its claims; only of interest while it has not started
    public static BuilderPod of(Pod pod, Optional<String> current, List<Event> events) {
        var metadata = pod.getMetadata();
        String created = metadata.getCreationTimestamp();
        Instant createdAt = created == null ? Instant.EPOCH : Instant.parse(created);
        return new BuilderPod(
                metadata.getName(),
                metadata.getUid() == null ? "" : metadata.getUid(),
                labels(pod).getOrDefault("kiln.build/part", ""),
                Circumstances.of(pod),
                number(pod, "kiln.build/generation"),
                (int) number(pod, "kiln.build/attempt"),
                Optional.ofNullable(pod.getSpec().getNodeName()),
                Optional.ofNullable(metadata.getDeletionTimestamp()).map(Instant::parse),
                createdAt,
                Kueue.limitedFrom(pod, createdAt),
                PodReading.startedAt(pod),
                PodReading.endedAt(pod),
                PodReading.memoryLimit(pod),
                PodReading.state(pod, current, events));
    }

    /// Whether it may be waiting for something that its status does not tell: no node has started it.
    public static boolean isPending(Pod pod) {
        return PodReading.isPending(pod) && !Kueue.holdsBack(pod);
    }

    /// Whether the scheduler has said that no node takes it.
    public static boolean isUnschedulable(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(c -> "PodScheduled".equals(c.getType()) && "False".equals(c.getStatus()));
    }

    /// Since when it has its node; if it has none, since when it is there.
    public static Instant pendingSince(Pod pod) {
        return PodReading.conditions(pod.getStatus() == null ? new PodStatus() : pod.getStatus()).stream()
                .filter(c -> "PodScheduled".equals(c.getType()) && "True".equals(c.getStatus()))
                .map(PodCondition::getLastTransitionTime)
                .filter(Objects::nonNull)
                .findFirst()
                .or(() -> Optional.ofNullable(pod.getMetadata().getCreationTimestamp()))
                .map(Instant::parse)
                .orElse(Instant.EPOCH);
    }

    /// Whether its builder runs, or may at any moment. One that a queue of somebody else holds back does not.
    public static boolean isAtWork(Pod pod) {
        return PodReading.isActive(pod) && !Kueue.holdsBack(pod);
    }

    /// The same of a pod that was seen, unless it is lost.
    public boolean isAtWork(Instant now) {
        return isActive() && !isHeldBack() && !isLost(now);
    }

    /// Whether it was to be gone long ago. It stays for as long as its node says nothing, which may be for ever.
    public boolean isLost(Instant now) {
        return isActive()
                && leavesBy.filter(by -> !now.isBefore(by.plus(NODE_PATIENCE))).isPresent();
    }

    /// Whether it waits in a queue of somebody else.
    public boolean isHeldBack() {
        return state instanceof PodState.Waiting(var hold) && hold.isQueue();
    }

    /// Whether it has a node, and has not been there for longer than most pods take to start.
    public boolean isStarting(Instant now) {
        return node.isPresent()
                && state.equals(new PodState.Waiting(PodState.Hold.NOTHING))
                && now.isBefore(createdAt.plus(TIME_TO_START));
    }

    /// Whether it is marked for deletion.
    public boolean isLeaving() {
        return leavesBy.isPresent();
    }

    /// Whether its builder runs, or still may.
    public boolean isActive() {
        return switch (state) {
            case PodState.Waiting w -> true;
            case PodState.Running r -> true;
            case PodState.Reported r -> false;
            case PodState.Died d -> false;
        };
    }

    private static Map<String, String> labels(Pod pod) {
        var labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    private static long number(Pod pod, String label) {
        String value = labels(pod).getOrDefault(label, "");
        return value.matches("[0-9]{1,18}") ? Long.parseLong(value) : -1;
    }
}
