package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// An image as a folder.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageSource(
        @Required
        @Size(min = 1, max = 1024)
        @ValidationRule(value = Rules.IMAGE_REFERENCE, message = Rules.IMAGE_REFERENCE_MESSAGE)
        @JsonPropertyDescription("The reference of the image. Of several platforms, the one that is built is taken.")
        String reference,

        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription(
                "The Secret of type kubernetes.io/dockerconfigjson for pulling it. That of the output if it is not given.")
        @Nullable
        String pullSecret) {}
