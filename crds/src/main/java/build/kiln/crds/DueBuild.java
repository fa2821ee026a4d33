package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/// A build that is wanted and has not begun.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record DueBuild(
        @Required
        @JsonPropertyDescription("Why it is wanted: Created, SpecChange, Requested, Schedule, BaseImage, SourceRevision"
                + " or Webhook.")
        String reason,

        @Required @JsonPropertyDescription("Since when it is wanted.")
        String since,

        @JsonPropertyDescription("What of the source made it wanted: a commit, or the revision of an artifact.")
        @Nullable
        String revision) {}
