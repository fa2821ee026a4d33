package build.kiln.e2e.install;

import build.kiln.e2e.cluster.Cluster;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Kiln as the chart installs it, by Helm as a library. Watches the given namespaces and no others, so that a cluster's
/// own
/// builds are left alone.
public final class Installation {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int READY_SECONDS = 180;
    private static final Map<String, String> OPERATOR_PODS =
            Map.of("app.kubernetes.io/name", "kiln", "app.kubernetes.io/component", "operator");

    private final Path chart;
    private final Path kubeconfig;
    private final Path folder;
    private final String namespace;
    private final Map<String, Object> values;

    private Installation(Path chart, Path kubeconfig, Path folder, String namespace, Map<String, Object> values) {
        this.chart = chart;
        this.kubeconfig = kubeconfig;
        this.folder = folder;
        this.namespace = namespace;
        this.values = values;
    }

    /// Installs the chart, and waits until the operator is ready.
    ///
    /// @param folder for values files
    /// @param namespace of the operator; it has to be there
    /// @param values the chart's, as a tree
    /// @throws InstallationFailure with Helm's words and the state of the operator's pods
    public static Installation install(
            Cluster cluster, Path chart, Path kubeconfig, Path folder, String namespace, Map<String, Object> values) {
        Installation installation = new Installation(chart, kubeconfig, folder, namespace, Map.copyOf(values));
        try {
            new Helm(chart)
                    .install()
                    .withName(installation.release())
                    .withNamespace(namespace)
                    .withKubeConfig(kubeconfig)
                    .withValuesFile(installation.valuesFile(Map.of()))
                    .waitReady()
                    .withTimeout(READY_SECONDS)
                    .call();
        } catch (RuntimeException e) {
            String pods = installation.pods(cluster).stream()
                    .map(pod -> cluster.trouble(namespace, pod))
                    .collect(Collectors.joining("\n"));
            installation.uninstall();
            throw new InstallationFailure(
                    "The chart %s could not be installed into the namespace %s: %s.\n%s"
                            .formatted(chart, namespace, e.getMessage(), pods),
                    e);
        }
        return installation;
    }

    /// The release is called after its namespace: names of things that belong to no namespace must not collide.
    private String release() {
        return namespace + "-kiln";
    }

    /// Changes single values of the first installation; those that are not given go back to it.
    ///
    /// @param changes by path, such as `builder.image.tag`
    public void upgrade(Map<String, ?> changes) {
        try {
            new Helm(chart)
                    .upgrade()
                    .withName(release())
                    .withNamespace(namespace)
                    .withKubeConfig(kubeconfig)
                    .withValuesFile(valuesFile(changes))
                    .waitReady()
                    .withTimeout(READY_SECONDS)
                    .call();
        } catch (RuntimeException e) {
            throw new InstallationFailure(
                    "The release in %s could not be upgraded with %s: %s."
                            .formatted(namespace, changes, e.getMessage()),
                    e);
        }
    }

    /// Ends all of the operator's pods without a time to end in.
    public void killOperator(Cluster cluster) {
        pods(cluster).forEach(pod -> cluster.kill(namespace, pod.getMetadata().getName()));
    }

    private List<Pod> pods(Cluster cluster) {
        return cluster.pods(namespace, OPERATOR_PODS).getItems();
    }

    /// Takes out what was installed; the definition of ImageBuilds stays, as Helm leaves it.
    public void uninstall() {
        try {
            Helm.uninstall(release())
                    .withNamespace(namespace)
                    .withKubeConfig(kubeconfig)
                    .ignoreNotFound()
                    .call();
        } catch (RuntimeException e) {
            throw new InstallationFailure(
                    "The release in %s could not be uninstalled: %s.".formatted(namespace, e.getMessage()), e);
        }
    }

    private Path valuesFile(Map<String, ?> changes) {
        try {
            Map<String, Object> tree = copy(values);
            changes.forEach((path, value) -> put(tree, List.of(path.split("\\.")), value));
            // YAML has JSON in it.
            Path file = Files.createTempFile(folder, "values", ".yaml");
            Files.write(file, JSON.writeValueAsBytes(tree));
            return file;
        } catch (IOException e) {
            throw new InstallationFailure("The values for the chart cannot be written: " + e + ".", e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> copy(Map<String, Object> tree) throws JsonProcessingException {
        return JSON.readValue(JSON.writeValueAsString(tree), LinkedHashMap.class);
    }

    @SuppressWarnings("unchecked")
    private static void put(Map<String, Object> tree, List<String> path, Object value) {
        if (path.size() == 1) {
            tree.put(path.getFirst(), value);
        } else {
            Object inner = tree.computeIfAbsent(path.getFirst(), key -> new LinkedHashMap<String, Object>());
            put((Map<String, Object>) inner, path.subList(1, path.size()), value);
        }
    }
}
