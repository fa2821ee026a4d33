package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/// A build that is finished.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record HistoryEntry(
        @Required @JsonPropertyDescription("The generation that was built.")
        Long generation,

        @JsonPropertyDescription("Why it was started.") @Nullable
        String reason,

        @Required @JsonPropertyDescription("Succeeded, or the reason of the failure.")
        String result,

        @JsonPropertyDescription("The digest of the image.") @Nullable
        String digest,

        @JsonPropertyDescription("When it was started.") @Nullable
        String startedAt,

        @JsonPropertyDescription("When it ended.") @Nullable String finishedAt) {}
