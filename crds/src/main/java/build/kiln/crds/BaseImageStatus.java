package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/// An image that was built upon.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record BaseImageStatus(
        @Required @JsonPropertyDescription("The name, as in the Dockerfile.")
        String name,

        @Required @JsonPropertyDescription("The digest that it led to.")
        String digest) {}
