package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;

/// How many finished builds are remembered, in the status and as finished pods.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record History(
        @Default("3") @Min(0) @Max(20) @JsonPropertyDescription("How many builds that succeeded.")
        Integer succeeded,

        @Default("3") @Min(0) @Max(20) @JsonPropertyDescription("How many builds that failed.")
        Integer failed) {

    static final History DEFAULT = new History(3, 3);

    public History {
        succeeded = succeeded == null ? 3 : succeeded;
        failed = failed == null ? 3 : failed;
    }
}
