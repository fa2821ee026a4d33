package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
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
        @Required @Size(min = 1, max = 64) @JsonPropertyDescription("The command and its arguments.")
        List<@Size(max = 4096) String> run,

        @Default("30s")
        @Size(max = 32)
        @ValidationRule(value = Rules.DURATION, message = Rules.DURATION_MESSAGE)
        @JsonPropertyDescription("How long the command may take.")
        String timeout) {

    public Verify {
        run = Copies.of(run);
        timeout = timeout == null ? "30s" : timeout;
    }
}
