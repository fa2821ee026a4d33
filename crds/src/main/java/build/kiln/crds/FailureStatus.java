package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/// Why a build failed.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record FailureStatus(
        @Required @JsonPropertyDescription("The reason in one word, an entry of the troubleshooting page.")
        String reason,

        @Required @JsonPropertyDescription("What happened, where, and what to do.")
        String message,

        @JsonPropertyDescription("The instruction at fault.") @Nullable
        String step,

        @JsonPropertyDescription("The exit status of the process at fault.") @Nullable
        Integer exitCode,

        @JsonPropertyDescription("The last lines that the instruction printed.") @Nullable
        String log) {}
