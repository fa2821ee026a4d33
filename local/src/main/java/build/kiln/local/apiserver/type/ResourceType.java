package build.kiln.local.apiserver.type;

import build.kiln.local.apiserver.object.GroupResource;
import build.kiln.local.apiserver.object.ObjectKey;
import build.kiln.local.apiserver.schema.ListShape;
import build.kiln.local.apiserver.schema.StructuralSchema;
import build.kiln.local.apiserver.schema.WellKnownListShape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One version of one kind, as clients address it.
///
/// @param stored where the objects lie: another resource's place for a kind that is a view of it
/// @param subresources such as `status`
/// @param columns empty for built-in kinds, whose columns the table room knows
/// @param selectable fields that field selectors may name, beside the name and the namespace
/// @param schema none for built-in kinds
public record ResourceType(
        GroupResource resource,
        String version,
        String kind,
        String singular,
        List<String> shortNames,
        List<String> categories,
        Scope scope,
        Set<String> verbs,
        Set<String> subresources,
        GroupResource stored,
        List<PrinterColumn> columns,
        Map<String, JsonPath> selectable,
        @Nullable StructuralSchema schema) {

    /// Whether the objects lie in namespaces.
    public enum Scope {
        NAMESPACED,
        CLUSTER
    }

    public ResourceType {
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
        verbs = Set.copyOf(verbs);
        subresources = Set.copyOf(subresources);
        columns = List.copyOf(columns);
        selectable = Map.copyOf(selectable);
    }

    /// `v1`, `kiln.build/v1alpha1`.
    public String apiVersion() {
        return resource.group().isEmpty() ? version : resource.group() + "/" + version;
    }

    public boolean isNamespaced() {
        return scope == Scope.NAMESPACED;
    }

    public boolean hasStatusSubresource() {
        return subresources.contains("status");
    }

    public ObjectKey key(String namespace, String name) {
        return new ObjectKey(stored, isNamespaced() ? namespace : "", name);
    }

    /// How patches merge this kind's lists.
    public ListShape listShape() {
        return schema == null ? WellKnownListShape.ROOT : schema.listShape();
    }
}
