package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/// An SSH key that RUNs can use, and git sources.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record SshKey(
        @Required
        @Size(min = 1, max = 128)
        @ValidationRule(value = Rules.ID, message = Rules.ID_MESSAGE)
        @JsonPropertyDescription("The name by which a RUN asks for it.")
        String id,

        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription("The Secret of type kubernetes.io/ssh-auth with ssh-privatekey; for"
                + " git repositories also with known_hosts.")
        String secret) {}
