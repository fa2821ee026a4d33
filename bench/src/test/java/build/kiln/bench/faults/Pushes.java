package build.kiln.bench.faults;

import build.kiln.bench.stub.Plan;
import build.kiln.bench.stub.StubNode;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// What the pods of a trial did: which images were pushed how often, and which pods lived side by side.
final class Pushes implements StubNode.Listener, Function<Pod, Plan> {

    private final Map<String, AtomicInteger> pushes = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> living = new ConcurrentHashMap<>();
    private final Set<String> sideBySide = ConcurrentHashMap.newKeySet();
    private final Function<Pod, Plan> plans;

    Pushes(Function<Pod, Plan> plans) {
        this.plans = plans;
    }

    @Override
    public Plan apply(Pod pod) {
        return plans.apply(pod);
    }

    @Override
    public void seen(Pod pod) {
        Set<String> pods = living.computeIfAbsent(wish(pod), w -> ConcurrentHashMap.newKeySet());
        String phase =
                pod.getStatus() == null ? "" : String.valueOf(pod.getStatus().getPhase());
        if (pod.getMetadata().getDeletionTimestamp() != null || phase.equals("Succeeded") || phase.equals("Failed")) {
            pods.remove(pod.getMetadata().getUid());
        } else if (pods.add(pod.getMetadata().getUid()) && pods.size() > 1) {
            sideBySide.add(wish(pod));
        }
    }

    @Override
    public void ended(Pod pod, Plan plan) {
        if (plan.end() == Plan.End.SUCCEEDED) {
            pushes.computeIfAbsent(wish(pod), w -> new AtomicInteger()).incrementAndGet();
        }
    }

    /// How often each generation of each build was pushed: `build-7 of generation 1`.
    Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        pushes.forEach((wish, count) -> counts.put(wish, count.get()));
        return counts;
    }

    Set<String> sideBySide() {
        return Set.copyOf(sideBySide);
    }

    private static String wish(Pod pod) {
        return pod.getMetadata().getOwnerReferences().getFirst().getName() + " of generation "
                + pod.getMetadata().getLabels().get("kiln.build/generation");
    }
}
