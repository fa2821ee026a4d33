package build.kiln.bench.stub;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's own object: it says every few seconds that it is well, so that nobody evicts its pods, and a taint keeps
/// all pods away but those that are bound to it by name.
public final class NodeObject implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeObject.class);
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(10);
    private static final Map<String, Quantity> SIZE =
            Map.of("cpu", new Quantity("10k"), "memory", new Quantity("100Ti"), "pods", new Quantity("100k"));

    private final KubernetesClient client;
    private final String name;
    private final InetSocketAddress kubelet;
    private final Thread thread;

    private NodeObject(KubernetesClient client, String name, InetSocketAddress kubelet) {
        this.client = client;
        this.name = name;
        this.kubelet = kubelet;
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .addNewTaint("NoSchedule", "kiln.build/bench", null, "true")
                        .endSpec()
                        .build())
                .create();
        sayThatItIsWell();
        this.thread = Thread.ofVirtual().name("node " + name).start(this::live);
    }

    /// @param kubelet where the API server finds the logs of the node's pods
    public static NodeObject create(KubernetesClient client, String name, InetSocketAddress kubelet) {
        return new NodeObject(client, name, kubelet);
    }

    @Override
    public void close() {
        thread.interrupt();
        client.nodes().withName(name).delete();
    }

    private void live() {
        try {
            while (true) {
                Thread.sleep(SIGN_OF_LIFE);
                try {
                    sayThatItIsWell();
                } catch (KubernetesClientException e) {
                    LOG.warn("Node {} could not say that it is well: {}", name, e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sayThatItIsWell() {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        client.nodes()
                .withName(name)
                .editStatus(node -> new NodeBuilder((Node) node)
                        .withNewStatus()
                        .withCapacity(SIZE)
                        .withAllocatable(SIZE)
                        .addNewAddress(kubelet.getAddress().getHostAddress(), "InternalIP")
                        .withNewDaemonEndpoints()
                        .withNewKubeletEndpoint(kubelet.getPort())
                        .endDaemonEndpoints()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .withReason("KubeletReady")
                        .withMessage("It runs no programs.")
                        .withLastHeartbeatTime(now)
                        .withLastTransitionTime(now)
                        .endCondition()
                        .endStatus()
                        .build());
    }
}
