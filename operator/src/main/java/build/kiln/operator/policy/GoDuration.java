package build.kiln.operator.policy;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Durations as the API has them: `1h30m`, `90s`.
public final class GoDuration {

    private static final Pattern PART = Pattern.compile("([0-9]{1,6})([hms])");
    private static final Pattern WHOLE = Pattern.compile("([0-9]{1,6}[hms])+");

    private GoDuration() {}

    /// @throws IllegalArgumentException if the text is no such duration; the CRD keeps others out
    public static Duration parse(String text) {
        if (!WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not a duration such as 1h30m.");
        }
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            long number = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "h" -> Duration.ofHours(number);
                        case "m" -> Duration.ofMinutes(number);
                        default -> Duration.ofSeconds(number);
                    });
        }
        return sum;
    }

    /// To the second: `1h30m`, `42s`, `0s`.
    public static String format(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        StringBuilder text = new StringBuilder();
        if (seconds >= 3600) {
            text.append(seconds / 3600).append('h');
        }
        if (seconds % 3600 >= 60) {
            text.append(seconds % 3600 / 60).append('m');
        }
        if (seconds % 60 > 0 || seconds == 0) {
            text.append(seconds % 60).append('s');
        }
        return text.toString();
    }
}
