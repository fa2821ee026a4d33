package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// A tar archive behind a URL.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ArchiveSource(
        @Required
        @Size(min = 1, max = 2048)
        @ValidationRule(value = Rules.HTTP_URL, message = Rules.HTTP_URL_MESSAGE)
        @JsonPropertyDescription("The URL of the archive, http or https.")
        String url,

        @Size(max = 128)
        @ValidationRule(
                value = "self.matches('^[a-f0-9]{64}$')",
                message = "not a SHA-256 digest; it is 64 hexadecimal digits in lower case, as sha256sum prints them,"
                        + " without \"sha256:\"")
        @JsonPropertyDescription(
                "The SHA-256 digest of the archive in hexadecimal form. The build fails if the archive has another.")
        @Nullable
        String sha256,

        @Size(min = 1, max = 253)
        @ValidationRule(value = Rules.NAME, message = Rules.NAME_MESSAGE)
        @JsonPropertyDescription("The Secret with username and password, or with a bearer token under the key token.")
        @Nullable
        String credentialsSecret) {}
