package build.kiln.crds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Makes the CRD's YAML from the Java types: fabric8's generator, and then what it cannot say.
final class CrdYaml {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
            .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
            .build();

    /// Lists that are maps: path in the schema, and the field that is the key.
    private static final Map<String, String> LIST_MAPS =
            Map.of("status.conditions", "type", "spec.secrets", "id", "spec.ssh", "id");

    /// Lists in which nothing stands twice.
    private static final Set<String> LIST_SETS = Set.of("spec.platforms", "spec.output.tags");

    private static final Set<String> LONGS = Set.of(
            "status.observedGeneration",
            "status.sizeBytes",
            "status.conditions[].observedGeneration",
            "status.build.generation",
            "status.steps[].durationMillis",
            "status.steps[].sizeBytes",
            "status.history[].generation");

    /// What a record of Kubernetes' own API is called there, by its path.
    private static final Map<String, String> KUBERNETES_TYPES = new TreeMap<>(Map.of(
            "spec.pod.affinity", "Affinity",
            "spec.pod.env", "EnvVar",
            "spec.pod.imagePullSecrets", "LocalObjectReference",
            "spec.pod.resources", "ResourceRequirements",
            "spec.pod.tolerations", "Toleration",
            "spec.pod.topologySpreadConstraints", "TopologySpreadConstraint"));

    /// Maps from the name of a resource to how much of it there is to be.
    private static final Set<String> AMOUNTS = Set.of("spec.pod.resources.limits", "spec.pod.resources.requests");

    private static final int MOST_AMOUNTS = 32;

    private CrdYaml() {}

    static String generate() {
        ObjectNode crd = fromTypes();
        finish(crd);
        try {
            return "# Generated from build.kiln.crds.ImageBuild. To make it again: " + CommittedCrdTest.COMMAND + "\n"
                    + YAML.writeValueAsString(crd);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode fromTypes() {
        var output = new InMemory();
        new CRDGenerator()
                .customResourceClasses(ImageBuild.class)
                .forCRDVersions("v1")
                .withOutput(output)
                .generate();
        try {
            return (ObjectNode) YAML.readTree(output.bytes.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void finish(ObjectNode crd) {
        ((ObjectNode) crd.path("metadata")).remove("annotations");
        ObjectNode names = (ObjectNode) crd.at("/spec/names");
        names.set("categories", names.arrayNode().add(ImageBuild.CATEGORY));
        names.put("listKind", "ImageBuildList");
        ObjectNode version = (ObjectNode) crd.at("/spec/versions/0");
        version.set("additionalPrinterColumns", inDeclaredOrder((ArrayNode) version.get("additionalPrinterColumns")));
        ObjectNode root = (ObjectNode) version.at("/schema/openAPIV3Schema");
        root.put(
                "description",
                "ImageBuild is an image that shall be in a registry: what it is built from, and where it goes.");
        ObjectNode spec = (ObjectNode) root.at("/properties/spec");
        spec.put("description", "The desired state: what to build, how, and where to push it.");
        ObjectNode status = (ObjectNode) root.at("/properties/status");
        status.put("description", "The state as the operator last saw it. Only the operator writes it.");
        root.set("required", root.arrayNode().add("spec"));
        status.remove("required");
        // It has one writer. Who owns which field of it took an eighth of an API server's memory with ten thousand
        // ImageBuilds, and would be found out anew with each write.
        status.put("x-kubernetes-map-type", "atomic");
        walk("spec", spec);
        walk("status", status);
        // The generator's default for status makes every new resource one that was not seen yet.
        status.set("default", status.objectNode().put("observedGeneration", -1));
    }

    private static ArrayNode inDeclaredOrder(ArrayNode columns) {
        Map<String, JsonNode> byName = new HashMap<>();
        columns.forEach(c -> byName.put(c.path("name").asText(), c));
        ArrayNode ordered = columns.arrayNode();
        for (var column : ImageBuild.class.getAnnotationsByType(AdditionalPrinterColumn.class)) {
            JsonNode found = byName.get(column.name().toUpperCase(Locale.ROOT));
            ordered.add(found != null ? found : byName.get(column.name()));
        }
        return ordered;
    }

    private static void walk(String path, ObjectNode schema) {
        if (LIST_MAPS.containsKey(path)) {
            schema.put("x-kubernetes-list-type", "map");
            schema.set("x-kubernetes-list-map-keys", schema.arrayNode().add(LIST_MAPS.get(path)));
        }
        if (LIST_SETS.contains(path)) {
            schema.put("x-kubernetes-list-type", "set");
        }
        if (schema.path("type").asText().equals("integer")) {
            schema.put("format", LONGS.contains(path) ? "int64" : "int32");
            wholeNumber(schema, "minimum");
            wholeNumber(schema, "maximum");
        }
        if (schema.path("x-kubernetes-validations") instanceof ArrayNode rules) {
            // A record's component hands its annotations to field and accessor, and the generator reads both.
            ArrayNode once = schema.arrayNode();
            new LinkedHashSet<>(rules.valueStream().toList()).forEach(once::add);
            schema.set("x-kubernetes-validations", once);
        }
        if (path.endsWith("At") || path.endsWith(".lastTransitionTime")) {
            if (!path.endsWith("rebuildRequestedAt")) {
                schema.put("format", "date-time");
            }
        }
        if (AMOUNTS.contains(path)) {
            schema.put("maxProperties", MOST_AMOUNTS);
        }
        if (AMOUNTS.stream().anyMatch(a -> path.equals(a + "{}"))) {
            schema.put("maxLength", 64);
            schema.withArray("x-kubernetes-validations")
                    .addObject()
                    .put("rule", Rules.QUANTITY)
                    .put("message", Rules.QUANTITY_MESSAGE);
        }
        schema.path("properties").properties().forEach(field -> {
            String below = path + "." + field.getKey();
            ObjectNode child = (ObjectNode) field.getValue();
            describe(below, field.getKey(), child);
            walk(below, child);
        });
        if (schema.path("items") instanceof ObjectNode items) {
            walk(path + "[]", items);
        }
        if (schema.path("additionalProperties") instanceof ObjectNode values) {
            walk(path + "{}", values);
        }
    }

    private static void wholeNumber(ObjectNode schema, String key) {
        if (schema.has(key)) {
            schema.put(key, schema.get(key).longValue());
        }
    }

    /// Fields of Kubernetes' own types are described by where their description is.
    private static void describe(String path, String name, ObjectNode schema) {
        if (schema.has("description")) {
            return;
        }
        KUBERNETES_TYPES.forEach((prefix, type) -> {
            if (path.startsWith(prefix + ".") || path.startsWith(prefix + "[].")) {
                schema.put("description", "The field " + name + " of the type " + type + " of Kubernetes (core/v1).");
            }
        });
    }

    private static final class InMemory implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public ByteArrayOutputStream outputFor(String crdName) {
            return bytes;
        }

        @Override
        public URI crdURI(String crdName) {
            return URI.create("file:///" + crdName);
        }

        @Override
        public void close() {}
    }
}
