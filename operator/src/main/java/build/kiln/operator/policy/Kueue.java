package build.kiln.operator.policy;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.protocol.BuildReport.Result;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads what Kueue says by a pod: that it holds the pod back until its queue has room, and that it takes it away
/// again.
///
/// @see <a href="https://kueue.sigs.k8s.io/docs/tasks/run/plain_pods/">Kueue, Run plain pods</a>
final class Kueue {

    private static final String GATES = "kueue.x-k8s.io/";
    private static final String QUEUE = "kueue.x-k8s.io/queue-name";
    private static final String MANAGED = "kueue.x-k8s.io/managed";
    private static final String EVICTED = "TerminationTarget";

    private Kueue() {}

    /// Whether the pod waits in one of Kueue's queues. No scheduler looks at it until then.
    static boolean holdsBack(Pod pod) {
        return gates(pod).stream().anyMatch(gate -> gate.getName().startsWith(GATES));
    }

    /// What holds the pod up, if it is a gate of Kueue.
    static Optional<Hold> hold(Pod pod) {
        if (!holdsBack(pod)) {
            return Optional.empty();
        }
        String queue = labels(pod).get(QUEUE);
        String name = queue == null ? "" : " \"" + queue + "\"";
        return Optional.of(new Hold(Reasons.QueuedByKueue.name(), "waits in Kueue's queue" + name, ""));
    }

    /// Since when the pod's time limit counts by what the pod itself says: what waits in Kueue's queue has all the time
    /// of the world, and of what Kueue has let go nothing says when, until a node has it.
    static Optional<Instant> limitedFrom(Pod pod, Instant createdAt) {
        if (!holdsBack(pod) && !"true".equals(labels(pod).get(MANAGED))) {
            return Optional.of(createdAt);
        }
        return Optional.ofNullable(pod.getStatus()).map(PodStatus::getStartTime).map(Instant::parse);
    }

    /// Why the pod is taken away, if Kueue does so.
    static Optional<Result.Failed> eviction(Pod pod, PodStatus status) {
        return PodReading.conditions(status).stream()
                .filter(c -> EVICTED.equals(c.getType()) && "True".equals(c.getStatus()))
                .findFirst()
                .map(c -> evicted(
                        "Kueue took pod %s away%s.".formatted(pod.getMetadata().getName(), why(c))));
    }

    /// A pod that is gone without a word. Kueue takes pods away by deleting them, so it was mostly Kueue.
    static Optional<Result.Failed> deletion(ImageBuild build, @Nullable String pod) {
        boolean isQueued = build.getSpec().pod().labels().containsKey(QUEUE)
                || build.getMetadata().getLabels() != null
                        && build.getMetadata().getLabels().containsKey(QUEUE);
        return isQueued
                ? Optional.of(evicted(
                        "Pod %s was deleted before it had reported, as Kueue does with what it evicts.".formatted(pod)))
                : Optional.empty();
    }

    private static Result.Failed evicted(String what) {
        return new Result.Failed(
                Reasons.EvictedByKueue.name(),
                Reasons.EvictedByKueue.fault(),
                what + " It is made again, and the build goes on from its last finished step.",
                null,
                null,
                List.of());
    }

    private static String why(PodCondition condition) {
        return PodReading.why(condition.getReason(), condition.getMessage());
    }

    static List<PodSchedulingGate> gates(Pod pod) {
        List<PodSchedulingGate> gates = pod.getSpec().getSchedulingGates();
        return gates == null ? List.of() : gates;
    }

    private static Map<String, String> labels(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }
}
