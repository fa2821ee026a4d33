package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// A git repository at a revision.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record GitSource(
        @Required
        @Size(min = 1, max = 2048)
        @ValidationRule(
                value =
                        "self.matches(r'^(https?|git)://[^/@\\s]+/\\S*$|^ssh://([A-Za-z0-9_.-]+@)?[^/@\\s]+/\\S*$|^[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:\\S+$')",
                message =
                        "a git URL starts with https://, http://, ssh:// or git://, or is user@host:path, and holds no password; put credentials into a Secret and name it in credentialsSecret")
        @JsonPropertyDescription("The URL to clone: https, http, ssh or git, or user@host:path.")
        String url,

        @Size(min = 1, max = 256)
        @ValidationRule(
                value = "self.matches(r'^[^-\\s]\\S*$')",
                message =
                        "a revision is a branch, tag or commit without spaces that does not start with \"-\", for example"
                                + " main or v1.2")
        @JsonPropertyDescription(
                "The branch, tag or commit to build. The default branch of the repository if it is not given.")
        @Nullable
        String revision,

        @Default("false") @JsonPropertyDescription("Whether submodules are fetched, too.")
        Boolean submodules,

        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription(
                "The Secret with credentials: username and password, or ssh-privatekey and known_hosts.")
        @Nullable
        String credentialsSecret) {

    public GitSource {
        submodules = submodules != null && submodules;
    }
}
