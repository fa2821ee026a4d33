package build.kiln.e2e.row;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.e2e.registry.PulledImage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// One namespace of a row, and what is done in it.
final class Scene {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LOG_LINES = 8;

    private final Stage stage;
    private final String namespace;
    private final Map<String, String> values;

    private Scene(Stage stage, String namespace) {
        this.stage = stage;
        this.namespace = namespace;
        this.values = new HashMap<>(stage.values(namespace));
    }

    /// The namespace has to be there.
    static Scene in(Stage stage, String namespace) {
        return new Scene(stage, namespace);
    }

    String namespace() {
        return namespace;
    }

    /// Gives a name in this scene's texts a value.
    void define(String name, String value) {
        values.put(name, value);
    }

    /// Puts this scene's values in the place of their names.
    String fill(String text) {
        return Template.fill(text, values);
    }

    /// Creates an object. What is a pod is waited for: until it has ended well, or, if it is one that stays, until it
    /// is
    /// ready; `{{ip.NAME}}` is its address then. A policy is waited for until it is in force.
    void create(JsonNode object) throws InterruptedException {
        JsonNode filled = Template.fill(object, values);
        stage.cluster().create(namespace, filled);
        switch (filled.path("kind").asText()) {
            case "Pod" -> awaitPod(filled.path("metadata").path("name").asText());
            case "ValidatingAdmissionPolicyBinding" -> awaitPolicy();
            default -> {}
        }
    }

    /// API servers take some seconds to notice a policy.
    private void awaitPolicy() throws InterruptedException {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("plain")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("plain")
                .withImage(stage.base())
                .endContainer()
                .endSpec()
                .build();
        Optional<String> refusal = stage.cluster()
                .await(() -> stage.cluster().refusal(namespace, pod), Optional::isPresent, Duration.ofSeconds(30));
        if (refusal.isEmpty()) {
            throw new RowFailure("The row's own policy is not in force in %s after 30 s.".formatted(namespace));
        }
    }

    private void awaitPod(String name) throws InterruptedException {
        Optional<Pod> pod = stage.cluster()
                .await(
                        () -> stage.cluster().pod(namespace, name),
                        seen -> seen.isPresent() && isThere(seen.get()),
                        Duration.ofMinutes(2));
        if (pod.isEmpty() || !isThere(pod.get())) {
            throw new RowFailure("The row's own pod %s/%s did not come up: %s"
                    .formatted(
                            namespace,
                            name,
                            pod.map(p -> stage.cluster().trouble(namespace, p)).orElse("it is gone")));
        }
        define("ip." + name, String.valueOf(pod.get().getStatus().getPodIP()));
    }

    private static boolean isThere(Pod pod) {
        return "Never".equals(pod.getSpec().getRestartPolicy())
                ? "Succeeded".equals(pod.getStatus().getPhase())
                : pod.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    /// Creates an ImageBuild. Without an output, its image goes to `{{image}}`.
    void build(String name, JsonNode spec) {
        ObjectNode filled = (ObjectNode) Template.fill(spec, values);
        if (!filled.has("output")) {
            filled.putObject("output");
        }
        ObjectNode output = (ObjectNode) filled.get("output");
        if (!output.has("image")) {
            output.put("image", values.get("image"));
        }
        ObjectNode resource = JSON.createObjectNode();
        resource.put("apiVersion", "kiln.build/v1alpha1").put("kind", "ImageBuild");
        resource.putObject("metadata").put("name", name);
        resource.set("spec", filled);
        stage.cluster().create(namespace, resource);
    }

    ImageBuild imageBuild(String name) {
        return stage.cluster().imageBuild(namespace, name);
    }

    /// @return as it was last seen, as wanted or not
    ImageBuild await(String name, Duration atMost, Predicate<ImageBuild> wanted) throws InterruptedException {
        return stage.cluster().await(namespace, name, atMost, wanted);
    }

    /// @throws RowFailure if it does not come to that in time
    ImageBuild need(String name, Duration atMost, String what, Predicate<ImageBuild> wanted)
            throws InterruptedException {
        ImageBuild seen = await(name, atMost, wanted);
        if (!wanted.test(seen)) {
            throw new RowFailure("After %d s the ImageBuild %s has not come to this: %s.\n%s"
                    .formatted(atMost.toSeconds(), name, what, describe(seen)));
        }
        return seen;
    }

    /// The image that a build's status names, by its digest, each digest in it computed again.
    ///
    /// @param image as in `status.image`
    PulledImage pull(String image) throws InterruptedException {
        String[] parts = image.split("@", 2);
        String registry = parts[0].substring(0, parts[0].indexOf('/'));
        String repository = parts[0].substring(registry.length() + 1);
        boolean isPrivate = stage.privateRegistry()
                .filter(p -> p.client().address().equals(registry))
                .isPresent();
        return PulledImage.pull(
                isPrivate ? stage.needPrivateRegistry().client() : stage.registry(),
                repository,
                parts.length == 2 ? parts[1] : "");
    }

    /// The suite's own registry.
    String registry() {
        return stage.registry().address();
    }

    /// The digest that a tag in the suite's own registry leads to.
    ///
    /// @param image its full name
    String tagged(String image) throws InterruptedException {
        int colon = image.lastIndexOf(':');
        return stage.registry().resolve(image.substring(registry().length() + 1, colon), image.substring(colon + 1));
    }

    /// What is known of a build that went astray, for the report.
    String describe(ImageBuild build) {
        ImageBuildStatus status = build.getStatus() == null ? ImageBuildStatus.NONE : build.getStatus();
        StringBuilder text = new StringBuilder("phase ").append(status.phase());
        status.conditions()
                .forEach(c -> text.append("; ")
                        .append(c.type())
                        .append('=')
                        .append(c.status())
                        .append(' ')
                        .append(c.reason()));
        status.conditions().stream()
                .findFirst()
                .ifPresent(c -> text.append("\nmessage: ").append(c.message()));
        BuildStatus running = status.build();
        String log = stage.cluster().log(namespace, running == null ? null : running.pod(), LOG_LINES);
        if (!log.isBlank()) {
            text.append("\nlog of ")
                    .append(running == null ? "" : running.pod())
                    .append(":\n")
                    .append(log.stripTrailing());
        }
        return text.toString();
    }
}
