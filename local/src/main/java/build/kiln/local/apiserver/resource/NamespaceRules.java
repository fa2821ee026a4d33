package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/// Namespaces are active until they are deleted, and then stay until they are empty.
final class NamespaceRules implements KindRules {

    @Override
    public void onCreate(ObjectNode namespace, Instant now) {
        Json.child(Metadata.of(namespace), "labels").put("kubernetes.io/metadata.name", Metadata.name(namespace));
        Json.child(namespace, "spec").putArray("finalizers").add("kubernetes");
        namespace.putObject("status").put("phase", "Active");
    }
}
