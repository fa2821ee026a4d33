package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/// The schedule that the operator goes by.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ScheduleStatus(
        @Required @JsonPropertyDescription("The times, as in spec.rebuild.schedule.")
        String schedule,

        @Required @JsonPropertyDescription("The time zone, as in spec.rebuild.timeZone.")
        String timeZone,

        @Required
        @JsonPropertyDescription("When the image is built again next. If the operator was not there at that time, it is"
                + " built once when it is.")
        String nextAt) {}
