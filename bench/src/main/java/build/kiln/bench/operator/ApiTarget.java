package build.kiln.bench.operator;

import static java.util.Objects.requireNonNull;

import build.kiln.bench.stub.NodeObject;
import build.kiln.bench.stub.StubKubelet;
import build.kiln.bench.stub.StubNode;
import build.kiln.crds.ImageBuild;
import build.kiln.local.apiserver.ApiServer;
import build.kiln.local.apiserver.http.PodLogs;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/// The API server that the operator is measured against: the embedded one, or any other.
public final class ApiTarget implements AutoCloseable {

    private static final long SECONDS = 30;

    private final KubernetesClient client;
    private final Path kubeconfig;
    private final Optional<ApiServer> embedded;
    private final AtomicReference<Optional<StubNode>> node;
    private Optional<CustomResourceDefinition> made = Optional.empty();

    private ApiTarget(
            KubernetesClient client,
            Path kubeconfig,
            Optional<ApiServer> embedded,
            AtomicReference<Optional<StubNode>> node) {
        this.client = client;
        this.kubeconfig = kubeconfig;
        this.embedded = embedded;
        this.node = node;
    }

    /// @param folder for the kubeconfig
    public static ApiTarget embedded(Path folder, Clock clock) throws IOException {
        AtomicReference<Optional<StubNode>> node = new AtomicReference<>(Optional.empty());
        ApiServer server = ApiServer.start(
                ApiServer.Settings.ANY_PORT,
                clock,
                (query, source) -> copyLog(requireNonNull(node.get()).orElseThrow(), query, source));
        Path kubeconfig = folder.resolve("kubeconfig");
        Files.writeString(kubeconfig, """
                apiVersion: v1
                kind: Config
                clusters: [{name: bench, cluster: {server: "%s"}}]
                users: [{name: bench, user: {}}]
                contexts: [{name: bench, context: {cluster: bench, user: bench, namespace: default}}]
                current-context: bench
                """.formatted(server.url()));
        return new ApiTarget(open(kubeconfig), kubeconfig, Optional.of(server), node);
    }

    private static void copyLog(StubNode node, PodLogs.Query query, PodLogs.OutputSource source)
            throws IOException, InterruptedException {
        try (OutputStream out = source.open()) {
            node.copyLog(query.namespace(), query.pod(), out);
        }
    }

    public static ApiTarget of(Path kubeconfig) throws IOException {
        return new ApiTarget(open(kubeconfig), kubeconfig, Optional.empty(), new AtomicReference<>(Optional.empty()));
    }

    private static KubernetesClient open(Path kubeconfig) throws IOException {
        Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
        keyAlgorithm(config).ifPresent(config::setClientKeyAlgo);
        // Java's WebSocket loses, now and then, what it is told first: a pod that never runs, or one more than there
        // is.
        config.setOnlyHttpWatches(true);
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build();
    }

    /// The client takes every key in a kubeconfig for RSA's unless it is told otherwise.
    private static Optional<String> keyAlgorithm(Config config) {
        if (config.getClientKeyData() == null) {
            return Optional.empty();
        }
        String pem = new String(Base64.getMimeDecoder().decode(config.getClientKeyData()), StandardCharsets.US_ASCII);
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]*-----", ""));
        return Stream.of("RSA", "EC", "Ed25519")
                .filter(algorithm -> {
                    try {
                        KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
                        return true;
                    } catch (GeneralSecurityException e) {
                        return false;
                    }
                })
                .findFirst();
    }

    /// What an operator besides its kubeconfig has to be told to reach the API server.
    Map<String, String> environment() {
        return keyAlgorithm(client.getConfiguration())
                .map(algorithm -> Map.of("KUBERNETES_CERTS_CLIENT_KEY_ALGO", algorithm))
                .orElse(Map.of());
    }

    public KubernetesClient client() {
        return client;
    }

    public Path kubeconfig() {
        return kubeconfig;
    }

    /// Makes the node known, and lets the API server find its pods' logs.
    ///
    /// @return what takes the node back
    Closeable join(String name, StubNode stub) throws IOException, InterruptedException {
        node.set(Optional.of(stub));
        if (embedded.isPresent()) {
            // It asks the node itself for logs.
            return NodeObject.create(client, name, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))::close;
        }
        StubKubelet kubelet = StubKubelet.start(client, name, ownAddress(), stub::copyLog);
        NodeObject object = NodeObject.create(client, name, kubelet.address());
        return () -> {
            object.close();
            kubelet.close();
        };
    }

    /// The address of this machine that leads to the API server.
    private InetAddress ownAddress() throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(client.getMasterUrl().getHost(), 443));
            return socket.getLocalAddress();
        }
    }

    public void logsAreOf(StubNode stub) {
        node.set(Optional.of(stub));
    }

    /// Sees to it that there are ImageBuilds, and that they are no one else's.
    ///
    /// @param definition the file of the chart
    /// @throws IOException if there are some already, which an operator of this run would take for its own
    public void prepare(Path definition) throws IOException {
        Resource<CustomResourceDefinition> wanted =
                client.resource(Serialization.unmarshal(Files.readString(definition), CustomResourceDefinition.class));
        if (wanted.get() == null) {
            made = Optional.of(wanted.create());
            wanted.waitUntilCondition(
                    seen -> seen != null
                            && seen.getStatus() != null
                            && seen.getStatus().getConditions() != null
                            && seen.getStatus().getConditions().stream()
                                    .anyMatch(c -> c.getType().equals("Established")
                                            && c.getStatus().equals("True")),
                    SECONDS,
                    TimeUnit.SECONDS);
        }
        int others = client.resources(ImageBuild.class)
                .inAnyNamespace()
                .list()
                .getItems()
                .size();
        if (others > 0) {
            throw new IOException("The cluster has " + others
                    + " ImageBuilds, and the operator that is measured would take them for its own. Use a cluster"
                    + " without any.");
        }
    }

    /// Takes the definition back if this run brought it.
    @Override
    public void close() {
        made.ifPresent(definition -> client.resource(definition).delete());
        client.close();
        embedded.ifPresent(ApiServer::close);
    }
}
