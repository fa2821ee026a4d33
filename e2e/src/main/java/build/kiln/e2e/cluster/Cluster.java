package build.kiln.e2e.cluster;

import build.kiln.crds.ImageBuild;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The cluster that the suite runs in. What is waited for is looked at four times a second.
public final class Cluster implements AutoCloseable {

    /// What the API server adds where a value cannot be read at all.
    private static final String NOT_CHECKED = "some validation rules were not checked";

    private static final Duration POLL = Duration.ofMillis(250);
    private static final int LAST_WORDS = 8;
    private static final String RUN_LABEL = "kiln.build/e2e";
    private static final ResourceDefinitionContext IMAGE_BUILDS = new ResourceDefinitionContext.Builder()
            .withGroup(ImageBuild.GROUP)
            .withVersion("v1alpha1")
            .withKind("ImageBuild")
            .withPlural("imagebuilds")
            .withNamespaced(true)
            .build();

    private final KubernetesClient client;

    private Cluster(KubernetesClient client) {
        this.client = client;
    }

    /// @throws ClusterProblem if the file is none, or nobody answers
    public static Cluster open(Path kubeconfig) {
        try {
            Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
            config.setRequestRetryBackoffLimit(3);
            ClientKeys.algorithm(config).ifPresent(config::setClientKeyAlgo);
            Cluster cluster = new Cluster(new KubernetesClientBuilder()
                    .withConfig(config)
                    .withHttpClientFactory(new JdkHttpClientFactory())
                    .build());
            cluster.version();
            return cluster;
        } catch (IOException e) {
            throw new ClusterProblem("The kubeconfig " + kubeconfig + " cannot be read: " + e + ".", e);
        } catch (KubernetesClientException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ClusterProblem(
                    "The cluster of %s does not answer: %s.".formatted(kubeconfig, cause.getMessage()), e);
        }
    }

    /// The API server's version, such as `v1.36.2`.
    public String version() {
        return String.valueOf(client.getKubernetesVersion().getGitVersion());
    }

    public KubernetesClient client() {
        return client;
    }

    /// @param run tells this run's namespaces from others'
    public void createNamespace(String run, String name, Map<String, String> labels) {
        Namespace namespace = new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .addToLabels(RUN_LABEL, run)
                .endMetadata()
                .build();
        client.resource(namespace).create();
    }

    /// Deletes all namespaces of the run, and waits until they are gone.
    ///
    /// @return those that are left when the time is over
    public List<String> deleteNamespaces(String run, Duration atMost) throws InterruptedException {
        client.namespaces().withLabel(RUN_LABEL, run).delete();
        Supplier<List<String>> left = () -> client.namespaces().withLabel(RUN_LABEL, run).list().getItems().stream()
                .map(namespace -> namespace.getMetadata().getName())
                .toList();
        return await(left, List::isEmpty, atMost);
    }

    /// Creates an object as it stands. Of an ImageBuild, unknown fields are refused. What belongs to no namespace goes
    /// with
    /// this one.
    ///
    /// @throws KubernetesClientException with the API server's words if it refuses
    public void create(String namespace, JsonNode object) {
        if ("ImageBuild".equals(object.path("kind").asText())) {
            GenericKubernetesResource build =
                    client.getKubernetesSerialization().convertValue(object, GenericKubernetesResource.class);
            client.genericKubernetesResources(IMAGE_BUILDS)
                    .inNamespace(namespace)
                    .resource(build)
                    .fieldValidation(FieldValidateable.Validation.STRICT)
                    .create();
            return;
        }
        HasMetadata typed = client.getKubernetesSerialization().unmarshal(object.toString());
        if (typed instanceof Namespaced) {
            client.resource(typed).inNamespace(namespace).create();
        } else {
            typed.getMetadata().setOwnerReferences(List.of(ownerReference(namespace)));
            client.resource(typed).create();
        }
    }

    /// What the API server says against an ImageBuild, each as `path: message` and in order; empty if it would take it.
    /// It
    /// creates none.
    public List<String> complaints(String namespace, JsonNode object) {
        GenericKubernetesResource build =
                client.getKubernetesSerialization().convertValue(object, GenericKubernetesResource.class);
        try {
            client.genericKubernetesResources(IMAGE_BUILDS)
                    .inNamespace(namespace)
                    .resource(build)
                    .dryRun()
                    .fieldValidation(FieldValidateable.Validation.STRICT)
                    .create();
            return List.of();
        } catch (KubernetesClientException e) {
            return complaints(e);
        }
    }

    private static List<String> complaints(KubernetesClientException refusal) {
        Status status = refusal.getStatus();
        if (status == null
                || status.getDetails() == null
                || status.getDetails().getCauses().isEmpty()) {
            String message = String.valueOf(status == null ? refusal.getMessage() : status.getMessage());
            return List.of(message.replaceFirst("^.*(?=strict decoding error)", ""));
        }
        return status.getDetails().getCauses().stream()
                .filter(cause -> !cause.getMessage().contains(NOT_CHECKED))
                .map(cause -> cause.getField() + ": " + cause.getMessage())
                .sorted()
                .toList();
    }

    /// Replaces an object of a namespace.
    public void replace(String namespace, JsonNode object) {
        HasMetadata typed = client.getKubernetesSerialization().unmarshal(object.toString());
        client.resource(typed).inNamespace(namespace).update();
    }

    /// Whether the cluster knows the kind of object.
    ///
    /// @param version with its group
    /// @param plural the kind's name in addresses
    public boolean has(String version, String plural) {
        APIResourceList resources = client.getApiResources(version);
        return resources != null
                && resources.getResources().stream()
                        .anyMatch(resource -> resource.getName().equals(plural));
    }

    /// A pod as admission would make it; none is created.
    public Pod admitted(String namespace, Pod pod) {
        return client.pods().inNamespace(namespace).resource(pod).dryRun().create();
    }

    /// Lets the scheduler have a pod that scheduling gates hold back.
    public void liftGates(String namespace, String pod) {
        client.pods()
                .inNamespace(namespace)
                .withName(pod)
                .edit(gated -> new PodBuilder(gated)
                        .editSpec()
                        .withSchedulingGates()
                        .endSpec()
                        .build());
    }

    private OwnerReference ownerReference(String namespace) {
        Namespace owner = client.namespaces().withName(namespace).require();
        return new OwnerReferenceBuilder()
                .withApiVersion("v1")
                .withKind("Namespace")
                .withName(namespace)
                .withUid(owner.getMetadata().getUid())
                .build();
    }

    /// Asks whether a pod could be created, and creates none.
    ///
    /// @return the API server's words if it would refuse
    public Optional<String> refusal(String namespace, Pod pod) {
        try {
            client.pods().inNamespace(namespace).resource(pod).dryRun().create();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /// @throws ClusterProblem if it is gone
    public ImageBuild imageBuild(String namespace, String name) {
        ImageBuild build = client.resources(ImageBuild.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (build == null) {
            throw new ClusterProblem("The ImageBuild %s/%s is gone.".formatted(namespace, name));
        }
        return build;
    }

    /// Sets an annotation of an ImageBuild.
    public void annotate(String namespace, String name, String key, String value) {
        client.resources(ImageBuild.class).inNamespace(namespace).withName(name).edit(build -> {
            build.getMetadata().getAnnotations().put(key, value);
            return build;
        });
    }

    /// Waits for an ImageBuild to be as wanted.
    ///
    /// @return as it was last seen, as wanted or not
    public ImageBuild await(String namespace, String name, Duration atMost, Predicate<ImageBuild> wanted)
            throws InterruptedException {
        return await(() -> imageBuild(namespace, name), wanted, atMost);
    }

    /// Empty if there is no such pod.
    public Optional<Pod> pod(String namespace, String name) {
        return Optional.ofNullable(
                client.pods().inNamespace(namespace).withName(name).get());
    }

    public PodList pods(String namespace, Map<String, String> labels) {
        return client.pods().inNamespace(namespace).withLabels(labels).list();
    }

    /// Asks for the eviction of a pod, as a drain of its node does.
    public void evict(String namespace, String pod) {
        if (!client.pods().inNamespace(namespace).withName(pod).evict()) {
            throw new ClusterProblem("The pod %s/%s could not be evicted.".formatted(namespace, pod));
        }
    }

    /// Deletes a pod with its own time to end.
    public void deletePod(String namespace, String pod) {
        client.pods().inNamespace(namespace).withName(pod).delete();
    }

    /// Ends a pod at once.
    public void kill(String namespace, String pod) {
        client.pods().inNamespace(namespace).withName(pod).withGracePeriod(0).delete();
    }

    /// What a pod has printed, as far as the cluster still has it; empty if it has nothing.
    public String log(String namespace, @Nullable String pod, int lines) {
        if (pod == null) {
            return "";
        }
        try {
            String log = client.pods()
                    .inNamespace(namespace)
                    .withName(pod)
                    .tailingLines(lines)
                    .getLog();
            return log == null ? "" : log;
        } catch (KubernetesClientException e) {
            return "";
        }
    }

    /// Why a pod does not get on, for a report: its phase, what its containers wait for or ended with, its last words.
    public String trouble(String namespace, Pod pod) {
        StringBuilder text = new StringBuilder(pod.getMetadata().getName())
                .append(": ")
                .append(pod.getStatus().getPhase());
        for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
            ContainerState state = container.getState();
            if (state.getWaiting() != null) {
                text.append(", ")
                        .append(words(
                                state.getWaiting().getReason(),
                                state.getWaiting().getMessage()));
            } else if (state.getTerminated() != null) {
                text.append(", ")
                        .append(words(
                                state.getTerminated().getReason(),
                                state.getTerminated().getMessage()));
            }
        }
        String log = log(namespace, pod.getMetadata().getName(), LAST_WORDS);
        return log.isBlank()
                ? text.toString()
                : text.append('\n').append(log.stripTrailing()).toString();
    }

    private static String words(@Nullable String reason, @Nullable String message) {
        return reason + (message == null ? "" : " (" + message.strip() + ")");
    }

    /// Looks until something is as wanted, or the time is over.
    ///
    /// @return what was last seen, as wanted or not
    public <T> T await(Supplier<T> look, Predicate<T> wanted, Duration atMost) throws InterruptedException {
        Instant end = Instant.now().plus(atMost);
        T seen = look.get();
        while (!wanted.test(seen) && Instant.now().isBefore(end)) {
            Thread.sleep(POLL);
            seen = look.get();
        }
        return seen;
    }

    @Override
    public void close() {
        client.close();
    }
}
