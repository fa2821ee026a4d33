package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.status.Cause;
import build.kiln.local.apiserver.type.JsonPath;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// CustomResourceDefinitions are established as soon as they are there.
final class DefinitionRules implements KindRules {

    @Override
    public void onCreate(ObjectNode definition, Instant now) {
        ObjectNode status = definition.putObject("status");
        ArrayNode conditions = status.putArray("conditions");
        for (String[] condition :
                new String[][] {{"NamesAccepted", "NoConflicts"}, {"Established", "InitialNamesAccepted"}}) {
            conditions
                    .addObject()
                    .put("type", condition[0])
                    .put("status", "True")
                    .put("reason", condition[1])
                    .put("lastTransitionTime", Metadata.timestamp(now));
        }
        status.set("acceptedNames", definition.path("spec").path("names").deepCopy());
        ArrayNode versions = status.putArray("storedVersions");
        for (JsonNode version : definition.path("spec").path("versions")) {
            if (version.path("storage").asBoolean(false)) {
                versions.add(version.path("name").asText());
            }
        }
    }

    @Override
    public List<Cause> check(ObjectNode definition) {
        List<Cause> causes = new ArrayList<>();
        JsonNode spec = definition.path("spec");
        for (String field : List.of("group", "scope", "names", "versions")) {
            if (!spec.hasNonNull(field)) {
                causes.add(Cause.required("spec." + field, ""));
            }
        }
        String expected = spec.path("names").path("plural").asText() + "."
                + spec.path("group").asText();
        if (!Metadata.name(definition).equals(expected)) {
            causes.add(Cause.invalid(
                    "metadata.name",
                    definition.path("metadata").path("name"),
                    "must be spec.names.plural+\".\"+spec.group, which is \"" + expected + "\""));
        }
        spec.path("versions")
                .forEach(version -> version.path("additionalPrinterColumns")
                        .forEach(column -> checkPath(column.path("jsonPath"), causes)));
        return causes;
    }

    private static void checkPath(JsonNode path, List<Cause> causes) {
        try {
            JsonPath.parse(path.asText());
        } catch (IllegalArgumentException e) {
            causes.add(Cause.invalid(
                    "spec.versions[*].additionalPrinterColumns[*].jsonPath", path, String.valueOf(e.getMessage())));
        }
    }

    @Override
    public List<Cause> checkChange(ObjectNode old, ObjectNode definition) {
        JsonNode scope = definition.path("spec").path("scope");
        return Json.same(old.path("spec").path("scope"), scope)
                ? List.of()
                : List.of(Cause.invalid("spec.scope", scope, "field is immutable"));
    }
}
