package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/// A cache in a registry that a build writes.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CacheExport(
        @Required
        @Size(min = 1, max = 1024)
        @ValidationRule(value = Rules.IMAGE_REFERENCE, message = Rules.IMAGE_REFERENCE_MESSAGE)
        @ValidationRule(
                value = "!self.contains('@')",
                message =
                        "the cache to write is named by a tag; its digest is only known when it is written. Remove \"@\""
                                + " and what follows")
        @JsonPropertyDescription("The reference that the cache is written to. The tag is latest if none is given.")
        String reference,

        @Default("min")
        @JsonPropertyDescription(
                "Which steps are written: min, those whose layers the image has; max, those of other stages too.")
        Mode mode) {

    public CacheExport {
        mode = mode == null ? Mode.MIN : mode;
    }

    /// Which steps are written.
    public enum Mode {
        @JsonProperty("min")
        MIN,
        @JsonProperty("max")
        MAX
    }
}
