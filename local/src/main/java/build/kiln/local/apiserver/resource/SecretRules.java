package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.status.Cause;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Secrets hold base64, take plain text in `stringData`, and keep their type.
final class SecretRules implements KindRules {

    private static final Map<String, Set<String>> REQUIRED = Map.of(
            "kubernetes.io/dockerconfigjson", Set.of(".dockerconfigjson"),
            "kubernetes.io/dockercfg", Set.of(".dockercfg"),
            "kubernetes.io/ssh-auth", Set.of("ssh-privatekey"),
            "kubernetes.io/tls", Set.of("tls.crt", "tls.key"));

    @Override
    public void onCreate(ObjectNode secret, Instant now) {
        Json.putIfMissing(secret, "type", "Opaque");
        onUpdate(secret);
    }

    @Override
    public void onUpdate(ObjectNode secret) {
        if (secret.remove("stringData") instanceof ObjectNode plain) {
            ObjectNode data = Json.child(secret, "data");
            plain.properties().forEach(entry -> {
                byte[] text = entry.getValue().asText().getBytes(StandardCharsets.UTF_8);
                data.put(entry.getKey(), Base64.getEncoder().encodeToString(text));
            });
        }
    }

    /// No message shows a value: it may be the secret itself, put in unencoded.
    @Override
    public List<Cause> check(ObjectNode secret) {
        List<Cause> causes = new ArrayList<>();
        JsonNode data = secret.path("data");
        data.properties().forEach(entry -> {
            if (!isBase64(entry.getValue().asText())) {
                causes.add(new Cause(
                        "FieldValueInvalid",
                        "data[" + entry.getKey() + "]",
                        "Invalid value: not base64; put plain text under stringData"));
            }
        });
        REQUIRED.getOrDefault(secret.path("type").asText(), Set.of()).stream()
                .filter(key -> !data.has(key))
                .forEach(key -> causes.add(Cause.required("data[" + key + "]", "")));
        String docker = ".dockerconfigjson";
        if (causes.isEmpty() && data.has(docker) && secret.path("type").asText().endsWith("dockerconfigjson")) {
            try {
                Json.parse(Base64.getDecoder().decode(data.get(docker).asText()));
            } catch (IllegalArgumentException e) {
                causes.add(new Cause("FieldValueInvalid", "data[" + docker + "]", "Invalid value: not JSON"));
            }
        }
        return causes;
    }

    private static boolean isBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public List<Cause> checkChange(ObjectNode old, ObjectNode secret) {
        return Json.same(old.path("type"), secret.path("type"))
                ? List.of()
                : List.of(Cause.invalid("type", secret.path("type"), "field is immutable"));
    }
}
