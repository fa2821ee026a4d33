package build.kiln.local.cluster;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.local.apiserver.ApiServer;
import build.kiln.local.node.ImageProgram;
import build.kiln.local.node.Node;
import build.kiln.local.node.NodeLogs;
import build.kiln.local.node.NodeSettings;
import build.kiln.local.seed.BusyboxImage;
import build.kiln.operator.app.Operator;
import build.kiln.operator.app.Settings;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A cluster in this process: API server, one node, the operator; and beside it the registry, which ends with it.
///
/// Its API lives in memory: what was applied is gone when it ends.
public final class LocalCluster implements AutoCloseable {

    /// The registry's name in image references, whatever port it has.
    public static final String REGISTRY = "registry.kiln.local";

    /// The image that is there from the start.
    public static final String BASE_IMAGE = REGISTRY + "/base/busybox:1";

    static final String BUILDER_IMAGE = "kiln.local/builder";

    private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final ClusterSettings settings;

    private LocalCluster(ClusterSettings settings) {
        this.settings = settings;
    }

    /// Returns when everything works.
    ///
    /// @throws ClusterFailure if something does not
    public static LocalCluster start(ClusterSettings settings) throws InterruptedException {
        LocalCluster cluster = new LocalCluster(settings);
        try {
            cluster.open();
            return cluster;
        } catch (IOException | RuntimeException e) {
            cluster.close();
            throw e instanceof ClusterFailure failure
                    ? failure
                    : new ClusterFailure("The cluster cannot be started: " + e, e);
        } catch (InterruptedException e) {
            cluster.close();
            throw e;
        }
    }

    private void open() throws IOException, InterruptedException {
        ClusterFolder folder = settings.folder();
        folder.create();
        folder.clear();
        RegistryProcess registry = kept(RegistryProcess.start(folder.registry()));
        Files.writeString(folder.registriesConf(), """
            [[registry]]
            prefix = "%s"
            location = "%s"
            insecure = true
            """.formatted(REGISTRY, registry.address()));
        FutureTask<Boolean> seeding = new FutureTask<>(() -> seed(folder));
        Thread.ofVirtual().name("seed").start(seeding);
        NodeLogs logs = new NodeLogs();
        ApiServer server = kept(ApiServer.start(
                new ApiServer.Settings(0, "/" + HexFormat.of().formatHex(randomBytes())), settings.clock(), logs));
        for (Path definition : settings.definitions()) {
            server.install(Files.readAllBytes(definition));
        }
        kept(Node.start(server.resources(), nodeSettings(), logs));
        writeKubeconfig(server);
        kept(startOperator(server));
        awaitSeed(seeding);
        new ClusterDescription(
                        ProcessHandle.current().pid(), settings.clock().instant(), server.url(), registry.address())
                .write(folder);
    }

    private <T extends AutoCloseable> T kept(T part) {
        parts.push(part);
        return part;
    }

    private static byte[] randomBytes() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private NodeSettings nodeSettings() {
        ImageProgram builder = settings.builder();
        Path conf = settings.folder().registriesConf();
        Map<String, String> environment = new HashMap<>(builder.environment());
        environment.put("CONTAINERS_REGISTRIES_CONF", conf.toString());
        List<Path> files = new ArrayList<>(builder.files());
        files.add(conf);
        return new NodeSettings(
                "kiln-local",
                settings.folder().node(),
                Map.of(BUILDER_IMAGE, new ImageProgram(builder.command(), environment, files)));
    }

    private void writeKubeconfig(ApiServer server) throws IOException {
        Path file = settings.folder().kubeconfig();
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, """
            apiVersion: v1
            kind: Config
            clusters: [{name: kiln-local, cluster: {server: "%s"}}]
            users: [{name: kiln-local, user: {}}]
            contexts: [{name: kiln-local, context: {cluster: kiln-local, user: kiln-local, namespace: default}}]
            current-context: kiln-local
            """.formatted(server.url()));
    }

    private AutoCloseable startOperator(ApiServer server) throws IOException {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(server.url().toString())
                .withNamespace("default")
                .build();
        KubernetesClient client = kept(new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .build());
        return Operator.start(
                client,
                Settings.parse(Map.of(
                        "KILN_BUILDER_IMAGE",
                        BUILDER_IMAGE,
                        "KILN_BUILDER_IMAGE_PULL_POLICY",
                        "Never",
                        "KILN_BUILDER_CACHE_CLAIM",
                        "kiln-cache",
                        "KILN_FLUX_SOURCES",
                        "watched",
                        "KILN_HTTP_ADDRESS",
                        "127.0.0.1:0")));
    }

    private boolean seed(ClusterFolder folder) throws IOException {
        try (Registry registry = Registry.open(
                RegistrySettings.defaults(settings.clock()).withRegistriesConf(folder.registriesConf()))) {
            Path busybox = Busybox.find();
            BusyboxImage.make(busybox, Busybox.applets(busybox)).push(registry, ImageReference.parse(BASE_IMAGE));
            return true;
        }
    }

    private static void awaitSeed(FutureTask<Boolean> seeding) throws InterruptedException {
        try {
            seeding.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ClusterFailure(
                    "The base image " + BASE_IMAGE + " could not be put into the registry: " + cause.getMessage(),
                    cause);
        }
    }

    public ClusterDescription description() {
        return ClusterDescription.read(settings.folder()).orElseThrow();
    }

    /// Ends everything that was started, the last first.
    @Override
    public void close() {
        try {
            Files.deleteIfExists(settings.folder().description());
        } catch (IOException e) {
            LOG.warn("{} could not be deleted: {}", settings.folder().description(), e.toString());
        }
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("A part of the cluster did not end well: {}", e.toString());
            }
        }
        try {
            settings.folder().clear();
        } catch (IOException e) {
            LOG.warn("{} could not be emptied: {}", settings.folder().root(), e.toString());
        }
    }
}
