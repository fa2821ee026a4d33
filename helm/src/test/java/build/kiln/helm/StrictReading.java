package build.kiln.helm;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.runtime.RawExtension;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Reads objects by the Kubernetes client's types, and tells what these types do not know: fields that an API server
/// would refuse, or drop without a word.
final class StrictReading {

    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    private StrictReading() {}

    /// The paths of fields that are not in the type of this object, or have another type there.
    static List<String> unknownFields(JsonNode object) {
        HasMetadata read;
        try {
            read = KUBERNETES.unmarshal(object.toString(), HasMetadata.class);
        } catch (KubernetesClientException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
        if (read instanceof GenericKubernetesResource) {
            return List.of("no type for " + object.path("apiVersion").asText() + " "
                    + object.path("kind").asText());
        }
        List<String> unknown = new ArrayList<>();
        collect(read, "", unknown);
        return unknown;
    }

    private static void collect(Object value, String path, List<String> unknown) {
        switch (value) {
            case null -> {}
            case RawExtension free -> {}
            case Iterable<?> many -> {
                int index = 0;
                for (Iterator<?> each = many.iterator(); each.hasNext(); index++) {
                    collect(each.next(), path + "[" + index + "]", unknown);
                }
            }
            case Map<?, ?> map -> map.forEach((key, item) -> collect(item, path + "." + key, unknown));
            default -> {
                if (value.getClass().getName().startsWith("io.fabric8.")) {
                    fields(value, path, unknown);
                }
            }
        }
    }

    private static void fields(Object value, String path, List<String> unknown) {
        for (var method : value.getClass().getMethods()) {
            boolean isGetter = method.getName().startsWith("get") && method.getParameterCount() == 0;
            if (!isGetter
                    || method.getDeclaringClass() == Object.class
                    || method.getReturnType().isEnum()) {
                continue;
            }
            try {
                if (method.getName().equals("getAdditionalProperties") && method.getReturnType() == Map.class) {
                    ((Map<?, ?>) method.invoke(value)).keySet().forEach(key -> unknown.add(path + "." + key));
                } else {
                    String name = Character.toLowerCase(method.getName().charAt(3))
                            + method.getName().substring(4);
                    collect(method.invoke(value), path + "." + name, unknown);
                }
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(path + ": " + method, e);
            }
        }
    }
}
