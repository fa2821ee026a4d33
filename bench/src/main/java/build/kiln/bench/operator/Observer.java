package build.kiln.bench.operator;

import build.kiln.bench.stub.Plan;
import build.kiln.bench.stub.StubNode;
import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Watches, as any client does, what becomes of the ImageBuilds and their pods.
final class Observer implements StubNode.Listener, AutoCloseable {

    /// How a build is expected to end, by its name.
    private final Map<String, Plan.End> expected;

    private final Reactions reactions;
    private final Map<String, Long> endedAt = new ConcurrentHashMap<>();
    private final Map<String, Phase> phases = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> living = new ConcurrentHashMap<>();
    private final AtomicInteger duplicates = new AtomicInteger();
    private final SharedIndexInformer<ImageBuild> informer;

    Observer(KubernetesClient client, Map<String, Plan.End> expected, Reactions reactions) {
        this.expected = expected;
        this.reactions = reactions;
        this.informer = client.resources(ImageBuild.class).inAnyNamespace().inform(new Handler());
    }

    @Override
    public void seen(Pod pod) {
        String attempt = attempt(pod);
        if (isAlive(pod)) {
            Set<String> pods = living.computeIfAbsent(attempt, _ -> ConcurrentHashMap.newKeySet());
            if (pods.add(pod.getMetadata().getUid()) && pods.size() > 1) {
                duplicates.incrementAndGet();
            }
        } else {
            living.getOrDefault(attempt, new HashSet<>())
                    .remove(pod.getMetadata().getUid());
            if (hasEnded(pod)) {
                // The watch may be faster than the answer to the node's own write.
                endedAt.putIfAbsent(key(pod), System.nanoTime());
            }
        }
    }

    @Override
    public void ended(Pod pod, Plan plan) {
        endedAt.putIfAbsent(key(pod), System.nanoTime());
    }

    /// How many builds have come to the end that they were expected to come to.
    long finished() {
        return expected.entrySet().stream()
                .filter(e -> phase(e.getValue()) == phases.get(e.getKey()))
                .count();
    }

    /// How many builds have a phase: the operator has looked at them.
    long known() {
        return phases.size();
    }

    /// How many builds are in a phase.
    long in(Phase phase) {
        return phases.values().stream().filter(p -> p == phase).count();
    }

    int duplicates() {
        return duplicates.get();
    }

    /// The pods that have ended, and of which no status says so yet.
    Set<String> unanswered() {
        Set<String> pods = new HashSet<>(endedAt.keySet());
        pods.removeAll(reactions.answered());
        return pods;
    }

    /// How long the pod that has waited for the longest has.
    Duration longestWait() {
        long now = System.nanoTime();
        return Duration.ofNanos(unanswered().stream()
                .map(endedAt::get)
                .filter(Objects::nonNull)
                .mapToLong(end -> now - end)
                .max()
                .orElse(0));
    }

    @Override
    public void close() {
        informer.close();
    }

    private static Phase phase(Plan.End end) {
        return end == Plan.End.RUN_FAILED ? Phase.Failed : Phase.Succeeded;
    }

    /// One build and generation, and what of it the pod does.
    private static String attempt(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return pod.getMetadata().getOwnerReferences().getFirst().getUid() + "/" + labels.get("kiln.build/generation")
                + "/" + labels.getOrDefault("kiln.build/part", "");
    }

    private static boolean isAlive(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null && !hasEnded(pod);
    }

    private static boolean hasEnded(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    private static String key(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }

    private final class Handler implements ResourceEventHandler<ImageBuild> {

        @Override
        public void onAdd(ImageBuild build) {
            look(build);
        }

        @Override
        public void onUpdate(ImageBuild before, ImageBuild build) {
            look(build);
        }

        @Override
        public void onDelete(ImageBuild build, boolean isFinalStateUnknown) {
            // They go when all is over.
        }
    }

    private void look(ImageBuild build) {
        if (build.getStatus() == null || build.getStatus().phase() == null) {
            return;
        }
        phases.put(build.getMetadata().getName(), build.getStatus().phase());
        @Nullable BuildStatus status = build.getStatus().build();
        if (status != null && status.pod() != null && status.finishedAt() != null) {
            String pod = build.getMetadata().getNamespace() + "/" + status.pod();
            Long end = endedAt.get(pod);
            // A status that is seen before the pod's end was: no time at all.
            long nanos = end == null ? 0 : Math.max(0, System.nanoTime() - end);
            reactions.add(pod, Duration.ofNanos(nanos));
        }
    }
}
