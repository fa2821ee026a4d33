package build.kiln.local.apiserver.schema;

import java.util.List;
import java.util.Map;

/// The lists of built-in kinds, known by their field's name alone: none of these names has two meanings here.
///
/// @param name the field, or `` for an item of a list and for the object itself
public record WellKnownListShape(String name) implements ListShape {

    public static final WellKnownListShape ROOT = new WellKnownListShape("");

    private static final Map<String, List<String>> KEYS = Map.ofEntries(
            Map.entry("containers", List.of("name")),
            Map.entry("initContainers", List.of("name")),
            Map.entry("ephemeralContainers", List.of("name")),
            Map.entry("env", List.of("name")),
            Map.entry("volumes", List.of("name")),
            Map.entry("volumeMounts", List.of("mountPath")),
            Map.entry("volumeDevices", List.of("devicePath")),
            Map.entry("ports", List.of("containerPort")),
            Map.entry("imagePullSecrets", List.of("name")),
            Map.entry("secrets", List.of("name")),
            Map.entry("hostAliases", List.of("ip")),
            Map.entry("conditions", List.of("type")),
            Map.entry("addresses", List.of("type")),
            Map.entry("taints", List.of("key")),
            Map.entry("podIPs", List.of("ip")),
            Map.entry("topologySpreadConstraints", List.of("topologyKey", "whenUnsatisfiable")),
            Map.entry("ownerReferences", List.of("uid")));

    @Override
    public ListShape field(String field) {
        return new WellKnownListShape(field);
    }

    @Override
    public ListShape item() {
        return ROOT;
    }

    @Override
    public Merge merge() {
        if (name.equals("finalizers")) {
            return new Merge.AsSet();
        }
        List<String> keys = KEYS.get(name);
        return keys == null ? new Merge.Atomic() : new Merge.ByKeys(keys);
    }
}
