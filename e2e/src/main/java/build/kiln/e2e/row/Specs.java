package build.kiln.e2e.row;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;

/// Specs of ImageBuilds for rows that are code.
final class Specs {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private Specs() {}

    /// One object.
    static JsonNode yaml(String text) {
        try {
            return YAML.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A build of one Dockerfile and nothing else.
    static JsonNode inline(String dockerfile) {
        ObjectNode spec = JSON.createObjectNode();
        spec.putObject("source").putObject("inline").putObject("files").put("Dockerfile", dockerfile);
        return spec;
    }

    /// As [#inline(String)], tried again as often.
    static JsonNode inline(String dockerfile, int retries) {
        return ((ObjectNode) inline(dockerfile)).put("retries", retries);
    }
}
