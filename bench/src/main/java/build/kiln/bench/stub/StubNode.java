package build.kiln.bench.stub;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Scheduler and kubelet in one, for pods that name this node as their scheduler: binds them, lets them run, and writes
/// the
/// end that their [Plan] says, one virtual thread a pod.
public final class StubNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StubNode.class);

    /// So many writes at once: a node is no reason for a crowd at the API server.
    private static final int WRITES_AT_ONCE = 8;

    private static final Duration AGAIN = Duration.ofMillis(500);

    /// Told of what becomes of pods, on the threads of the node.
    public interface Listener {

        /// The API server has a pod, or a later version of it.
        void seen(Pod pod);

        /// The pod's end is written.
        void ended(Pod pod, Plan plan);
    }

    private final PodWrites writes;
    private final String name;
    private final Function<Pod, Plan> plans;
    private final Listener listener;
    private final Semaphore writing = new Semaphore(WRITES_AT_ONCE);
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final Map<String, PodRun> running = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SharedIndexInformer<Pod> informer;

    private StubNode(KubernetesClient client, String name, Function<Pod, Plan> plans, Listener listener) {
        this.writes = new PodWrites(client, name);
        this.name = name;
        this.plans = plans;
        this.listener = listener;
        this.informer = client.pods()
                .inAnyNamespace()
                .withLabel("app.kubernetes.io/managed-by", "kiln")
                .inform(new Handler());
    }

    /// Starts to work; the client stays the caller's.
    ///
    /// @param name of the node, and what pods have as `spec.schedulerName`
    public static StubNode start(KubernetesClient client, String name, Function<Pod, Plan> plans, Listener listener) {
        return new StubNode(client, name, plans, listener);
    }

    /// How many pods run now.
    public int running() {
        return running.size();
    }

    /// Writes the log of a pod as it comes, until the pod ends.
    ///
    /// @throws IOException if the pod does not run here, or the reader is gone
    public void copyLog(String namespace, String pod, OutputStream out) throws IOException, InterruptedException {
        PodRun run = running.get(namespace + "/" + pod);
        if (run == null) {
            throw new IOException("Pod " + namespace + "/" + pod + " does not run on this node.");
        }
        run.copyLog(out);
    }

    @Override
    public void close() {
        informer.close();
        threads.shutdownNow();
    }

    private final class Handler implements ResourceEventHandler<Pod> {

        @Override
        public void onAdd(Pod pod) {
            look(pod);
        }

        @Override
        public void onUpdate(Pod before, Pod pod) {
            look(pod);
        }

        @Override
        public void onDelete(Pod pod, boolean isFinalStateUnknown) {
            known.remove(pod.getMetadata().getUid());
            end(pod);
        }
    }

    private void look(Pod pod) {
        if (!name.equals(pod.getSpec().getSchedulerName())) {
            return;
        }
        listener.seen(pod);
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            threads.execute(() -> write(() -> writes.remove(pod)));
        } else if (!hasEnded(pod) && known.add(pod.getMetadata().getUid())) {
            threads.execute(() -> live(pod));
        }
    }

    private static boolean hasEnded(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    private void live(Pod pod) {
        Plan plan = plans.apply(pod);
        PodRun run = new PodRun(plan, System.nanoTime());
        try {
            if (pod.getSpec().getNodeName() == null && !write(() -> writes.bind(pod))) {
                return;
            }
            running.put(key(pod), run);
            if (!write(() -> writes.run(pod))) {
                return;
            }
            Thread.sleep(plan.run());
            if (running.get(key(pod)) == run && write(() -> writes.end(pod, plan.end()))) {
                listener.ended(pod, plan);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            run.end();
            running.remove(key(pod), run);
        }
    }

    private void end(Pod pod) {
        PodRun run = running.remove(key(pod));
        if (run != null) {
            run.end();
        }
    }

    private static String key(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }

    /// Repeats until the API server has taken it.
    ///
    /// @return false if the pod is gone, or the node ends
    private boolean write(Runnable write) {
        while (true) {
            try {
                writing.acquire();
                try {
                    write.run();
                    return true;
                } finally {
                    writing.release();
                }
            } catch (KubernetesClientException e) {
                if (e.getCode() == 404 || e.getCode() == 409 || threads.isShutdown()) {
                    return false;
                }
                LOG.debug("A write of the node is tried again: {}", e.getMessage());
                if (!sleep()) {
                    return false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    private static boolean sleep() {
        try {
            Thread.sleep(AGAIN);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
