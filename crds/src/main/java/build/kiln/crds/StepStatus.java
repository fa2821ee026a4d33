package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/// A step that is done.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record StepStatus(
        @Required @JsonPropertyDescription("The instruction.")
        String instruction,

        @Required
        @JsonPropertyDescription(
                "How the step came to its result: it was run, it was in the cache, another live build ran it meanwhile, or an earlier attempt of this build had finished it.")
        Outcome outcome,

        @JsonPropertyDescription("How long it took, in milliseconds.") @Nullable
        Long durationMillis,

        @JsonPropertyDescription("The size of its compressed layer in bytes.") @Nullable
        Long sizeBytes,

        @JsonPropertyDescription("The digest of its compressed layer.") @Nullable
        String digest,

        @JsonPropertyDescription("Why the cache did not have it.") @Nullable
        String missReason) {

    /// How a step came to its result.
    public enum Outcome {
        @JsonProperty("ran")
        RAN,
        @JsonProperty("cached")
        CACHED,
        @JsonProperty("shared")
        SHARED,
        @JsonProperty("resumed")
        RESUMED
    }
}
