package build.kiln.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class CrdTest {

    private static final JsonNode CRD = crd();
    private static final JsonNode VERSION = CRD.at("/spec/versions/0");
    static final ObjectNode SCHEMA = (ObjectNode) VERSION.at("/schema/openAPIV3Schema");

    @Test
    void namesAreTheDesigned() {
        JsonNode names = CRD.at("/spec/names");
        assertThat(CRD.at("/spec/group").asText()).isEqualTo("kiln.build");
        assertThat(names.path("kind").asText()).isEqualTo("ImageBuild");
        assertThat(names.path("plural").asText()).isEqualTo("imagebuilds");
        assertThat(names.path("shortNames").toString()).isEqualTo("[\"imb\"]");
        assertThat(names.path("categories").toString()).isEqualTo("[\"kiln\"]");
        assertThat(CRD.at("/spec/versions")).hasSize(1);
        assertThat(VERSION.path("name").asText()).isEqualTo("v1alpha1");
        assertThat(VERSION.path("storage").asBoolean()).isTrue();
        assertThat(VERSION.at("/subresources/status").isObject()).isTrue();
    }

    @Test
    void columnsAreInTheDesignedOrder() {
        List<String> columns = VERSION.path("additionalPrinterColumns")
                .valueStream()
                .map(c -> c.path("name").asText() + (c.path("priority").asInt() == 1 ? " (wide)" : ""))
                .toList();
        assertThat(columns)
                .containsExactly(
                        "Ready",
                        "Phase",
                        "Steps",
                        "Image",
                        "Age",
                        "Cached (wide)",
                        "Duration (wide)",
                        "Reason (wide)",
                        "Node (wide)",
                        "Isolation (wide)");
    }

    @Test
    void everyFieldIsDescribed() {
        List<String> without = new ArrayList<>();
        eachField((path, schema) -> {
            String text = schema.path("description").asText();
            if (text.length() < 10 || !text.endsWith(".")) {
                without.add(path);
            }
        });
        assertThat(without).isEmpty();
    }

    @Test
    void aResourceThatNobodyHasSeenHasGenerationMinusOne() {
        JsonNode status = SCHEMA.at("/properties/status");
        assertThat(status.at("/default/observedGeneration").asInt()).isEqualTo(-1);
        assertThat(status.at("/properties/observedGeneration/format").asText()).isEqualTo("int64");
    }

    @Test
    void conditionsAreAMapByType() {
        JsonNode conditions = SCHEMA.at("/properties/status/properties/conditions");
        assertThat(conditions.path("x-kubernetes-list-type").asText()).isEqualTo("map");
        assertThat(conditions.path("x-kubernetes-list-map-keys").toString()).isEqualTo("[\"type\"]");
        assertThat(conditions.at("/items/required").toString()).contains("\"type\"", "\"status\"");
    }

    /// The keys of a list map have to be required or defaulted, or the API server refuses the CRD.
    @Test
    void keysOfListMapsAreRequired() {
        eachField((path, schema) -> schema.path("x-kubernetes-list-map-keys")
                .forEach(key -> assertThat(schema.at("/items/required").toString())
                        .as(path)
                        .contains("\"" + key.asText() + "\"")));
    }

    /// The API server refuses a CRD with a rule whose cost it cannot bound.
    @Test
    void whatARuleReadsIsBounded() {
        List<String> unbounded = new ArrayList<>();
        eachField((path, schema) -> {
            if (schema.has("x-kubernetes-validations")) {
                switch (schema.path("type").asText()) {
                    case "string" -> require(schema.has("maxLength"), path, unbounded);
                    case "array" -> {
                        require(schema.has("maxItems"), path, unbounded);
                        require(schema.path("items").has("maxLength"), path + "[]", unbounded);
                    }
                    case "object" -> require(schema.has("maxProperties") || schema.has("properties"), path, unbounded);
                    default -> unbounded.add(path);
                }
            }
        });
        assertThat(unbounded).isEmpty();
    }

    @Test
    void noRuleStandsTwice() {
        eachField((path, schema) -> assertThat(
                        schema.path("x-kubernetes-validations").valueStream().toList())
                .as(path)
                .doesNotHaveDuplicates());
    }

    private static void require(boolean holds, String path, List<String> complaints) {
        if (!holds) {
            complaints.add(path);
        }
    }

    private static void eachField(BiConsumer<String, JsonNode> visitor) {
        SCHEMA.path("properties").properties().forEach(p -> {
            if (p.getKey().equals("spec") || p.getKey().equals("status")) {
                visit(p.getKey(), p.getValue(), visitor);
            }
        });
    }

    private static void visit(String path, JsonNode schema, BiConsumer<String, JsonNode> visitor) {
        visitor.accept(path, schema);
        JsonNode holder = schema.has("items") ? schema.path("items") : schema;
        holder.path("properties").properties().forEach(p -> visit(path + "." + p.getKey(), p.getValue(), visitor));
    }

    private static JsonNode crd() {
        try {
            return new YAMLMapper().readTree(CommittedCrdTest.COMMITTED.toFile());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
