package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/// What makes an image be built again.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Rebuild(
        @Size(min = 1, max = 128)
        @JsonPropertyDescription("Times in cron form, for example 0 4 * * * for every day at four.")
        @Nullable
        String schedule,

        @Default("false") @JsonPropertyDescription("Builds again when the tag of a base image leads to another digest.")
        Boolean onBaseImageChange) {

    public Rebuild {
        onBaseImageChange = onBaseImageChange != null && onBaseImageChange;
    }
}
