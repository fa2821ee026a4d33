package build.kiln.local.node;

import build.kiln.local.apiserver.object.GroupResource;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.type.BuiltinTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a pod's environment and files get their values: secrets, config maps, and the pod itself.
record PodValues(Resources resources, ObjectNode pod) {

    private static final Pattern SUBSCRIPT = Pattern.compile("metadata\\.(annotations|labels)\\['(.+)']");

    /// The keys and values of a Secret; empty if it is optional and not there.
    Optional<Map<String, byte[]>> secret(String name, @Nullable JsonNode optional) throws MissingPiece {
        return object(BuiltinTypes.SECRETS, "secret", name, optional).map(secret -> {
            Map<String, byte[]> data = new TreeMap<>();
            secret.path("data")
                    .properties()
                    .forEach(entry -> data.put(
                            entry.getKey(),
                            Base64.getDecoder().decode(entry.getValue().asText())));
            return data;
        });
    }

    /// The keys and values of a ConfigMap; empty if it is optional and not there.
    Optional<Map<String, byte[]>> configMap(String name, @Nullable JsonNode optional) throws MissingPiece {
        return object(BuiltinTypes.CONFIG_MAPS, "configmap", name, optional).map(map -> {
            Map<String, byte[]> data = new TreeMap<>();
            map.path("data")
                    .properties()
                    .forEach(entry ->
                            data.put(entry.getKey(), entry.getValue().asText().getBytes(StandardCharsets.UTF_8)));
            map.path("binaryData")
                    .properties()
                    .forEach(entry -> data.put(
                            entry.getKey(),
                            Base64.getDecoder().decode(entry.getValue().asText())));
            return data;
        });
    }

    /// The uid of a claim, which names its folder.
    String claim(String name) throws MissingPiece {
        return object(BuiltinTypes.CLAIMS, "persistentvolumeclaim", name, null)
                .map(Metadata::uid)
                .orElseThrow();
    }

    private Optional<ObjectNode> object(GroupResource resource, String word, String name, @Nullable JsonNode optional)
            throws MissingPiece {
        Optional<Stored> found = resources.find(resources.types().builtin(resource), Metadata.namespace(pod), name);
        if (found.isEmpty() && (optional == null || !optional.asBoolean(false))) {
            throw new MissingPiece(word + " \"" + name + "\" not found");
        }
        return found.map(Stored::object);
    }

    /// A field of the pod as the downward API tells it.
    ///
    /// @throws Refusal if it is none that it tells
    String field(String path) {
        Matcher subscript = SUBSCRIPT.matcher(path);
        if (subscript.matches()) {
            return pod.path("metadata")
                    .path(subscript.group(1))
                    .path(subscript.group(2))
                    .asText("");
        }
        return switch (path) {
            case "metadata.name" -> Metadata.name(pod);
            case "metadata.namespace" -> Metadata.namespace(pod);
            case "metadata.uid" -> Metadata.uid(pod);
            case "metadata.labels", "metadata.annotations" -> {
                StringBuilder lines = new StringBuilder();
                pod.path("metadata")
                        .path(path.substring("metadata.".length()))
                        .properties()
                        .forEach(entry -> lines.append(entry.getKey())
                                .append('=')
                                .append(entry.getValue())
                                .append('\n'));
                yield lines.toString();
            }
            case "spec.nodeName" -> pod.path("spec").path("nodeName").asText("");
            case "spec.serviceAccountName" ->
                pod.path("spec").path("serviceAccountName").asText("");
            case "status.podIP", "status.hostIP" -> "127.0.0.1";
            default -> throw new Refusal("the field " + path + " is not told to pods");
        };
    }

    /// The environment of a container, on top of the image's.
    Map<String, String> environment(JsonNode container, Map<String, String> image) throws MissingPiece {
        Map<String, String> environment = new LinkedHashMap<>(image);
        for (JsonNode variable : container.path("env")) {
            JsonNode from = variable.path("valueFrom");
            String name = variable.path("name").asText();
            if (from.has("fieldRef")) {
                environment.put(
                        name, field(from.path("fieldRef").path("fieldPath").asText()));
            } else if (from.has("secretKeyRef")) {
                JsonNode reference = from.path("secretKeyRef");
                put(environment, name, secret(reference.path("name").asText(), reference.get("optional")), reference);
            } else if (from.has("configMapKeyRef")) {
                JsonNode reference = from.path("configMapKeyRef");
                put(
                        environment,
                        name,
                        configMap(reference.path("name").asText(), reference.get("optional")),
                        reference);
            } else if (!from.isEmpty()) {
                throw new Refusal("the variable " + name + " is taken from "
                        + from.fieldNames().next() + "; this node knows fieldRef, secretKeyRef and configMapKeyRef");
            } else {
                environment.put(name, variable.path("value").asText(""));
            }
        }
        return environment;
    }

    private static void put(
            Map<String, String> environment, String name, Optional<Map<String, byte[]>> data, JsonNode reference)
            throws MissingPiece {
        String key = reference.path("key").asText();
        byte[] value = data.map(each -> each.get(key)).orElse(null);
        if (value != null) {
            environment.put(name, new String(value, StandardCharsets.UTF_8));
        } else if (!reference.path("optional").asBoolean(false)) {
            throw new MissingPiece("couldn't find key " + key + " in \""
                    + reference.path("name").asText() + "\"");
        }
    }
}
