package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/// A folder on a claim, mounted read-only.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VolumeSource(
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription("The name of the PersistentVolumeClaim.")
        String claimName,

        @Default(".")
        @Size(max = 1024)
        @ValidationRule(value = Rules.BELOW_ROOT, message = Rules.BELOW_ROOT_MESSAGE)
        @JsonPropertyDescription("The folder on the volume that is the root of the source.")
        String path) {

    public VolumeSource {
        path = path == null || path.isEmpty() ? "." : path;
    }
}
