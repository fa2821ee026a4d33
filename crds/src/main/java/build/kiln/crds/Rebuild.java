package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/// What makes an image be built again.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = ScheduleRules.HAS_SCHEDULE, message = ScheduleRules.HAS_SCHEDULE_MESSAGE)
public record Rebuild(
        @Size(min = 1, max = 128)
        @ValidationRule(value = ScheduleRules.SCHEDULE, message = ScheduleRules.SCHEDULE_MESSAGE)
        @JsonPropertyDescription(
                "Times in cron form: minute, hour, day of the month, month, day of the week. For example 0"
                        + " 4 * * * for every day at four.")
        @Nullable
        String schedule,

        @Default("UTC")
        @Size(min = 1, max = 64)
        @ValidationRule(value = ScheduleRules.ZONE, message = ScheduleRules.ZONE_MESSAGE)
        @JsonPropertyDescription(
                "The time zone of the schedule, by its name in the IANA database, for example Europe/Berlin. Only beside a schedule.")
        String timeZone,

        @Default("false") @JsonPropertyDescription("Builds again when the tag of a base image leads to another digest.")
        Boolean onBaseImageChange) {

    public Rebuild {
        timeZone = timeZone == null ? "UTC" : timeZone;
        onBaseImageChange = onBaseImageChange != null && onBaseImageChange;
    }
}
