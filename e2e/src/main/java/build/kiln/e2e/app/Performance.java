package build.kiln.e2e.app;

import build.kiln.e2e.cluster.Cluster;
import build.kiln.e2e.cluster.ClusterProblem;
import build.kiln.e2e.install.Definition;
import build.kiln.e2e.install.Installation;
import build.kiln.e2e.install.InstallationFailure;
import build.kiln.e2e.outcome.Result;
import build.kiln.e2e.outcome.Result.Verdict;
import build.kiln.e2e.registry.RegistryFailure;
import build.kiln.e2e.row.LeftOut;
import build.kiln.e2e.row.Row;
import build.kiln.e2e.row.RowFailure;
import build.kiln.e2e.row.Stage;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// One run of the suite: what is made before its rows, and taken away after them.
final class Performance implements AutoCloseable {

    private static final Duration CLEAN_UP = Duration.ofMinutes(2);
    private static final String OPERATOR = "operator";
    private static final String LEVEL = "pod-security.kubernetes.io/enforce";

    private final Cluster cluster;
    private final Stage stage;
    private final Definition definition;
    private final boolean keep;
    private final PrintStream people;

    private Performance(Cluster cluster, Stage stage, Definition definition, boolean keep, PrintStream people) {
        this.cluster = cluster;
        this.stage = stage;
        this.definition = definition;
        this.keep = keep;
        this.people = people;
    }

    /// Makes the images, the namespaces and the installation.
    ///
    /// @param home the project's folder
    /// @param folder for files of this run
    static Performance open(Path home, Options options, List<Row> rows, Path folder, PrintStream people)
            throws IOException, InterruptedException {
        Cluster cluster = Cluster.open(Objects.requireNonNull(options.kubeconfig));
        String run = HexFormat.of().formatHex(random());
        Definition definition = Definition.of(home.resolve("helm/kiln/crds/imagebuilds.kiln.build.yaml"));
        try {
            Props props = Props.make(home, options, run, folder);
            people.printf(
                    "Kubernetes %s, registry %s%s, names e2e-%s-*%n",
                    cluster.version(), options.registry, props.registry().isPlain() ? " (plain HTTP)" : "", run);
            List<String> watched = new ArrayList<>();
            for (Row row : rows) {
                row.namespaces().forEach((name, labels) -> {
                    Map<String, String> all = new LinkedHashMap<>(Map.of(LEVEL, "baseline"));
                    all.putAll(labels);
                    String namespace = Stage.namespace(run, name);
                    cluster.createNamespace(run, namespace, all);
                    watched.add(namespace);
                });
            }
            Optional<Installation> installation = Optional.empty();
            if (!options.useInstalled) {
                definition.apply(cluster, people);
                String namespace = Stage.namespace(run, OPERATOR);
                cluster.createNamespace(run, namespace, Map.of(LEVEL, "restricted"));
                installation = Optional.of(Installation.install(
                        cluster,
                        home.resolve("helm/kiln"),
                        Objects.requireNonNull(options.kubeconfig),
                        folder,
                        namespace,
                        props.chartValues(watched)));
            }
            Stage stage = new Stage(
                    cluster, props.registry(), props.privateRegistry(), run, props.base(), props.site(), installation);
            return new Performance(cluster, stage, definition, options.keep, people);
        } catch (IOException | RuntimeException | InterruptedException e) {
            if (!options.keep) {
                cleanUp(cluster, run, definition, people);
            }
            cluster.close();
            throw e;
        }
    }

    private static byte[] random() {
        byte[] bytes = new byte[2];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    /// Tries one row. Whatever goes wrong in it is its result.
    Result of(Row row) throws InterruptedException {
        long start = System.nanoTime();
        Verdict verdict = Verdict.FAILS;
        String isolation = "";
        String seen = "";
        try {
            isolation = row.tryIn(stage);
            verdict = Verdict.HOLDS;
        } catch (LeftOut e) {
            verdict = Verdict.LEFT_OUT;
            seen = String.valueOf(e.getMessage());
        } catch (RowFailure | ClusterProblem | RegistryFailure | InstallationFailure | KubernetesClientException e) {
            seen = String.valueOf(e.getMessage());
        }
        return new Result(
                row.name(), row.claim(), verdict, Duration.ofNanos(System.nanoTime() - start), isolation, seen);
    }

    @Override
    public void close() {
        try {
            if (keep) {
                people.printf("Everything is kept: the namespaces e2e-%s-*, and their images.%n", stage.run());
                return;
            }
            stage.installation().ifPresent(Installation::uninstall);
            cleanUp(cluster, stage.run(), definition, people);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            cluster.close();
        }
    }

    private static void cleanUp(Cluster cluster, String run, Definition definition, PrintStream people)
            throws InterruptedException {
        List<String> left = cluster.deleteNamespaces(run, CLEAN_UP);
        if (!left.isEmpty()) {
            people.printf(
                    "After %d s these namespaces are still being deleted: %s%n",
                    CLEAN_UP.toSeconds(), String.join(", ", left));
        }
        definition.takeBack(cluster);
    }
}
