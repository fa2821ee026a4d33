package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/// A rung of the isolation ladder that the last build could not have.
@JsonIgnoreProperties(ignoreUnknown = true)
public record LeftOutRungStatus(
        @Required @JsonPropertyDescription("The rung: userns, nested, chroot or assemble.")
        String rung,

        @Required @JsonPropertyDescription("Why it could not be used, and what to change.")
        String reason) {}
