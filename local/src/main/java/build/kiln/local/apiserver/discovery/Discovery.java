package build.kiln.local.apiserver.discovery;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.type.ResourceType;
import build.kiln.local.apiserver.type.ResourceTypes;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The discovery documents, in the old form and in the aggregated one.
public final class Discovery {

    /// The form of discovery that tells everything in one answer.
    public static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private final ResourceTypes types;

    public Discovery(ResourceTypes types) {
        this.types = types;
    }

    /// The answer to `/version`: the release whose behaviour the server follows.
    public static ObjectNode version() {
        return Json.object()
                .put("major", "1")
                .put("minor", "32")
                .put("gitVersion", "v1.32.0-kiln-local")
                .put("gitCommit", "")
                .put("gitTreeState", "clean")
                .put("buildDate", "2026-01-01T00:00:00Z")
                .put("goVersion", "")
                .put("compiler", "")
                .put("platform", "linux/amd64");
    }

    /// The answer to `/api`.
    public static ObjectNode coreVersions() {
        ObjectNode versions = Json.object().put("kind", "APIVersions");
        versions.putArray("versions").add("v1");
        return versions;
    }

    /// The answer to `/apis`.
    public ObjectNode groups() {
        ObjectNode list = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = list.putArray("groups");
        versions(types.all()).keySet().stream()
                .filter(group -> !group.isEmpty())
                .forEach(group -> groups.add(group(group)));
        return list;
    }

    /// The answer to `/apis/<group>`.
    public Optional<ObjectNode> groupDocument(String group) {
        return versions(types.all()).containsKey(group)
                ? Optional.of(group(group).put("kind", "APIGroup").put("apiVersion", "v1"))
                : Optional.empty();
    }

    private ObjectNode group(String name) {
        ObjectNode group = Json.object().put("name", name);
        ArrayNode versions = group.putArray("versions");
        versions(types.all())
                .getOrDefault(name, Map.of())
                .keySet()
                .forEach(version -> versions.addObject()
                        .put("groupVersion", name + "/" + version)
                        .put("version", version));
        group.set("preferredVersion", versions.path(0).deepCopy());
        return group;
    }

    /// The answer to `/api/v1` and `/apis/<group>/<version>`.
    public Optional<ObjectNode> resources(String group, String version) {
        List<ResourceType> found = Optional.ofNullable(
                        versions(types.all()).getOrDefault(group, Map.of()).get(version))
                .orElse(List.of());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode list = Json.object()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", found.getFirst().apiVersion());
        ArrayNode resources = list.putArray("resources");
        for (ResourceType type : found) {
            resources.add(resource(type));
            sorted(type.subresources()).forEach(sub -> {
                ObjectNode entry = resources
                        .addObject()
                        .put("name", type.resource().plural() + "/" + sub)
                        .put("singularName", "")
                        .put("namespaced", type.isNamespaced())
                        .put("kind", type.kind());
                subresourceVerbs(sub).forEach(entry.putArray("verbs")::add);
            });
        }
        return Optional.of(list);
    }

    private static ObjectNode resource(ResourceType type) {
        ObjectNode resource = Json.object()
                .put("name", type.resource().plural())
                .put("singularName", type.singular())
                .put("namespaced", type.isNamespaced())
                .put("kind", type.kind());
        sorted(type.verbs()).forEach(resource.putArray("verbs")::add);
        if (!type.shortNames().isEmpty()) {
            type.shortNames().forEach(resource.putArray("shortNames")::add);
        }
        if (!type.categories().isEmpty()) {
            type.categories().forEach(resource.putArray("categories")::add);
        }
        return resource;
    }

    /// The aggregated answer: of the core group for `/api`, of all others for `/apis`.
    public ObjectNode aggregated(Set<String> groups) {
        ObjectNode list =
                Json.object().put("kind", "APIGroupDiscoveryList").put("apiVersion", "apidiscovery.k8s.io/v2");
        list.putObject("metadata");
        ArrayNode items = list.putArray("items");
        versions(types.all()).forEach((group, versions) -> {
            if (!groups.contains(group)) {
                return;
            }
            ObjectNode item = items.addObject();
            ObjectNode metadata = item.putObject("metadata");
            if (!group.isEmpty()) {
                metadata.put("name", group);
            }
            ArrayNode array = item.putArray("versions");
            versions.forEach((version, found) -> {
                ObjectNode entry = array.addObject().put("version", version);
                ArrayNode resources = entry.putArray("resources");
                found.forEach(type -> resources.add(aggregated(type)));
                entry.put("freshness", "Current");
            });
        });
        return list;
    }

    private static ObjectNode aggregated(ResourceType type) {
        ObjectNode resource = Json.object().put("resource", type.resource().plural());
        resource.set("responseKind", responseKind(type));
        resource.put("scope", type.isNamespaced() ? "Namespaced" : "Cluster").put("singularResource", type.singular());
        sorted(type.verbs()).forEach(resource.putArray("verbs")::add);
        if (!type.shortNames().isEmpty()) {
            type.shortNames().forEach(resource.putArray("shortNames")::add);
        }
        if (!type.categories().isEmpty()) {
            type.categories().forEach(resource.putArray("categories")::add);
        }
        if (!type.subresources().isEmpty()) {
            ArrayNode subresources = resource.putArray("subresources");
            sorted(type.subresources()).forEach(sub -> {
                ObjectNode entry = subresources.addObject().put("subresource", sub);
                entry.set("responseKind", responseKind(type));
                subresourceVerbs(sub).forEach(entry.putArray("verbs")::add);
            });
        }
        return resource;
    }

    private static ObjectNode responseKind(ResourceType type) {
        return Json.object()
                .put("group", type.resource().group())
                .put("version", type.version())
                .put("kind", type.kind());
    }

    private static List<String> subresourceVerbs(String subresource) {
        return switch (subresource) {
            case "status" -> List.of("get", "patch", "update");
            case "log" -> List.of("get");
            default -> List.of("create");
        };
    }

    private static List<String> sorted(Set<String> words) {
        return words.stream().sorted().toList();
    }

    /// All API groups; the core one is the empty word.
    public Set<String> groupNames() {
        return new LinkedHashSet<>(versions(types.all()).keySet());
    }

    static Map<String, Map<String, List<ResourceType>>> versions(Collection<ResourceType> types) {
        return types.stream()
                .collect(Collectors.groupingBy(
                        type -> type.resource().group(),
                        LinkedHashMap::new,
                        Collectors.groupingBy(ResourceType::version, LinkedHashMap::new, Collectors.toList())));
    }
}
