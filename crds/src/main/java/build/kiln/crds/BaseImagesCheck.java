package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;

/// The last look whether base images have moved.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record BaseImagesCheck(
        @Required @JsonPropertyDescription("When it was.") String checkedAt,

        @Required
        @JsonPropertyDescription("UpToDate, Moved, or the reason why it could not be found out, an entry of the"
                + " troubleshooting page.")
        String result,

        @Required @JsonPropertyDescription("What was found, in words.")
        String message,

        @JsonPropertyDescription("What the names of the base images led to then.")
        List<BaseImageStatus> images) {

    public BaseImagesCheck {
        images = Copies.of(images);
    }
}
