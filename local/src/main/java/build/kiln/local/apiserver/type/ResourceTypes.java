package build.kiln.local.apiserver.type;

import build.kiln.local.apiserver.object.GroupResource;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All kinds that the server has at the moment. Safe for many threads.
public final class ResourceTypes {

    private final List<ResourceType> builtin = BuiltinTypes.all();
    private volatile List<ResourceType> all = builtin;

    /// In the order in which clients are told of them.
    public List<ResourceType> all() {
        return all;
    }

    public Optional<ResourceType> find(String group, String version, String plural) {
        return all.stream()
                .filter(type -> type.resource().plural().equals(plural)
                        && type.resource().group().equals(group)
                        && type.version().equals(version))
                .findFirst();
    }

    /// The first version of a resource.
    public Optional<ResourceType> find(GroupResource resource) {
        return all.stream().filter(type -> type.resource().equals(resource)).findFirst();
    }

    /// A built-in kind.
    public ResourceType builtin(GroupResource resource) {
        return builtin.stream()
                .filter(type -> type.resource().equals(resource))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(resource + " is no built-in resource"));
    }

    /// Takes in what a CustomResourceDefinition says now.
    ///
    /// @throws IllegalArgumentException if a column's path is not understood
    public synchronized void define(JsonNode definition) {
        List<ResourceType> defined = CustomTypes.of(definition);
        List<ResourceType> types = new ArrayList<>(without(definition));
        types.addAll(defined);
        all = List.copyOf(types);
    }

    /// Forgets the kinds of a CustomResourceDefinition.
    public synchronized void undefine(JsonNode definition) {
        all = List.copyOf(without(definition));
    }

    private List<ResourceType> without(JsonNode definition) {
        JsonNode spec = definition.path("spec");
        GroupResource gone = new GroupResource(
                spec.path("group").asText(), spec.path("names").path("plural").asText());
        return all.stream()
                .filter(type -> builtin.contains(type) || !type.resource().equals(gone))
                .toList();
    }
}
