package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/// An SSH key that RUNs can use, and git sources.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record SshKey(
        @Required
        @Size(min = 1, max = 128)
        @Pattern("^[A-Za-z0-9_.-]+$")
        @JsonPropertyDescription("The name by which a RUN asks for it.")
        String id,

        @Required
        @Size(min = 1, max = 253)
        @Pattern(Rules.NAME)
        @JsonPropertyDescription("The Secret of type kubernetes.io/ssh-auth with ssh-privatekey; for"
                + " git repositories also with known_hosts.")
        String secret) {}
