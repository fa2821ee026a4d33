package build.kiln.local.apiserver.table;

import com.fasterxml.jackson.databind.JsonNode;

/// The one word that says how a pod is doing.
final class PodStatus {

    private PodStatus() {}

    static String of(JsonNode pod) {
        if (pod.path("metadata").hasNonNull("deletionTimestamp")) {
            return "Terminating";
        }
        JsonNode status = pod.path("status");
        String word = status.path("reason").asText(status.path("phase").asText("Unknown"));
        for (JsonNode container : status.path("containerStatuses")) {
            JsonNode waiting = container.path("state").path("waiting");
            JsonNode terminated = container.path("state").path("terminated");
            if (waiting.hasNonNull("reason")) {
                return waiting.get("reason").asText();
            }
            if (terminated.hasNonNull("reason")) {
                word = terminated.get("reason").asText();
            } else if (terminated.isObject()) {
                word = "ExitCode:" + terminated.path("exitCode").asInt();
            }
        }
        return word;
    }

    static String ready(JsonNode pod) {
        int ready = 0;
        for (JsonNode container : pod.path("status").path("containerStatuses")) {
            ready += container.path("ready").asBoolean(false) ? 1 : 0;
        }
        return ready + "/" + pod.path("spec").path("containers").size();
    }

    static int restarts(JsonNode pod) {
        int restarts = 0;
        for (JsonNode container : pod.path("status").path("containerStatuses")) {
            restarts += container.path("restartCount").asInt(0);
        }
        return restarts;
    }
}
