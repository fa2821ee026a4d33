package build.kiln.local.node;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.resource.Resources;
import build.kiln.local.apiserver.resource.WriteOptions;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.type.BuiltinTypes;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes events about pods.
record Events(Resources resources, String component, String node) {

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    void normal(ObjectNode pod, String reason, String message) {
        write(pod, "Normal", reason, message);
    }

    void warning(ObjectNode pod, String reason, String message) {
        write(pod, "Warning", reason, message);
    }

    private void write(ObjectNode pod, String type, String reason, String message) {
        String now = Metadata.timestamp(resources.clock().instant());
        ObjectNode event = Json.object();
        Metadata.of(event).put("generateName", Metadata.name(pod) + ".").put("namespace", Metadata.namespace(pod));
        event.putObject("involvedObject")
                .put("apiVersion", "v1")
                .put("kind", "Pod")
                .put("namespace", Metadata.namespace(pod))
                .put("name", Metadata.name(pod))
                .put("uid", Metadata.uid(pod));
        event.put("type", type)
                .put("reason", reason)
                .put("message", message)
                .put("count", 1)
                .put("firstTimestamp", now)
                .put("lastTimestamp", now)
                .put("reportingComponent", component)
                .put("reportingInstance", node);
        event.putObject("source").put("component", component).put("host", node);
        try {
            resources.create(
                    resources.types().builtin(BuiltinTypes.EVENTS),
                    Metadata.namespace(pod),
                    event,
                    WriteOptions.DEFAULT);
        } catch (ApiFailure e) {
            LOG.debug("The event {} about {} is lost: {}", reason, Metadata.name(pod), e.getMessage());
        }
    }
}
