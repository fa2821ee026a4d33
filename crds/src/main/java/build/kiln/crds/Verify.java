package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/// A command that the image has to pass.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Verify(
        @Required
        @Size(min = 1, max = 64)
        @ValidationRule(value = Rules.COMMAND, message = Rules.COMMAND_MESSAGE)
        @JsonPropertyDescription(
                "The command and its arguments. They take the place of the image's entrypoint and command;"
                        + " the user, the environment and the working directory are the image's.")
        List<@Size(max = 4096) String> run,

        @Default("30s")
        @Size(max = 32)
        @ValidationRule(value = Rules.DURATION, message = Rules.DURATION_MESSAGE)
        @ValidationRule(
                value = "!" + Rules.DURATION + " || duration(self) > duration('0s')",
                message = "a verification has at least 1s")
        @JsonPropertyDescription("How long the command may take. At least 1s.")
        String timeout,

        @Default("none")
        @JsonPropertyDescription("What the command may reach: none, or host, which is the network of the builder pod.")
        Network network) {

    public Verify {
        run = Copies.of(run);
        timeout = timeout == null ? "30s" : timeout;
        network = network == null ? Network.NONE : network;
    }

    /// What the command may reach.
    public enum Network {
        @JsonProperty("none")
        NONE,
        @JsonProperty("host")
        HOST
    }
}
