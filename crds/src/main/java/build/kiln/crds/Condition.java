package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/// A statement about an [ImageBuild], as all of Kubernetes makes them.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Condition(
        @Required @Size(max = 316) @JsonPropertyDescription("What the condition is about.")
        String type,

        @Required @JsonPropertyDescription("Whether it holds.")
        Status status,

        @Min(0) @JsonPropertyDescription("The generation that it speaks of.") @Nullable
        Long observedGeneration,

        @Required @JsonPropertyDescription("When status last changed.")
        String lastTransitionTime,

        @Required
        @Size(min = 1, max = 1024)
        @Pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
        @JsonPropertyDescription("Why, in one word.")
        String reason,

        @Required @Size(max = 32768) @JsonPropertyDescription("Why, for people.")
        String message) {

    /// Whether a condition holds.
    public enum Status {
        True,
        False,
        Unknown
    }
}
