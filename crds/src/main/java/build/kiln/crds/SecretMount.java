package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// A key of a Secret that RUNs can ask for.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record SecretMount(
        @Required
        @Size(min = 1, max = 128)
        @ValidationRule(value = Rules.ID, message = Rules.ID_MESSAGE)
        @JsonPropertyDescription("The name by which a RUN asks for it.")
        String id,

        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription("The name of the Secret.")
        String secret,

        @Size(min = 1, max = 253)
        @ValidationRule(
                value = "self.matches('^[-._a-zA-Z0-9]+$')",
                message =
                        "not a key of a Secret; it has letters, digits, \"-\", \"_\" and \".\" only, for example .npmrc")
        @JsonPropertyDescription("The key in the Secret. The id if it is not given.")
        @Nullable
        String key) {}
