package build.kiln.operator.status;

import com.fasterxml.jackson.databind.JsonNode;

/// What Flux, and all that use kstatus, make of a custom resource. It sees the resource as they do: as JSON.
///
/// These are the rules of the package `status` of cli-utils for a kind of which it knows nothing, in its order:
/// deletion,
/// generation, the conditions `Reconciling` and `Stalled` by their place in the list, then `Ready`. A resource that has
/// none of them is current.
///
/// @see <a href="https://github.com/kubernetes-sigs/cli-utils/blob/v0.37.2/pkg/kstatus/README.md">kstatus, rules</a>
/// @see <a href="https://github.com/kubernetes-sigs/cli-utils/blob/v0.37.2/pkg/kstatus/status/generic.go">kstatus,
/// generic.go</a>
enum Kstatus {
    TERMINATING("Terminating"),
    IN_PROGRESS("InProgress"),
    FAILED("Failed"),
    CURRENT("Current");

    private final String word;

    Kstatus(String word) {
        this.word = word;
    }

    /// As kstatus spells it.
    String word() {
        return word;
    }

    static Kstatus of(JsonNode resource) {
        JsonNode metadata = resource.path("metadata");
        JsonNode status = resource.path("status");
        if (!metadata.path("deletionTimestamp").asText().isEmpty()) {
            return TERMINATING;
        }
        if (metadata.has("generation")
                && status.has("observedGeneration")
                && metadata.get("generation").longValue()
                        != status.get("observedGeneration").longValue()) {
            return IN_PROGRESS;
        }
        for (JsonNode condition : status.path("conditions")) {
            if (isTrue(condition, "Reconciling")) {
                return IN_PROGRESS;
            }
            if (isTrue(condition, "Stalled")) {
                return FAILED;
            }
        }
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return switch (condition.path("status").asText()) {
                    case "True" -> CURRENT;
                    // "False" does not tell whether it will ever be ready.
                    case "False", "Unknown" -> IN_PROGRESS;
                    default -> CURRENT;
                };
            }
        }
        return CURRENT;
    }

    private static boolean isTrue(JsonNode condition, String type) {
        return condition.path("type").asText().equals(type)
                && condition.path("status").asText().equals("True");
    }
}
