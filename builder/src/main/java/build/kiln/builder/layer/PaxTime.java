package build.kiln.builder.layer;

import java.time.Instant;
import java.util.Locale;

/// Times as PAX headers have them: decimal seconds, with a fraction, maybe negative.
final class PaxTime {

    private PaxTime() {}

    static String format(Instant time) {
        long seconds = time.getEpochSecond();
        int nanos = time.getNano();
        if (nanos == 0) {
            return Long.toString(seconds);
        }
        String sign = "";
        if (seconds < 0) {
            // -1.25 s is second -2 and 750,000,000 ns.
            seconds = -(seconds + 1);
            nanos = 1_000_000_000 - nanos;
            sign = "-";
        }
        return (sign + seconds + "." + String.format(Locale.ROOT, "%09d", nanos)).replaceFirst("0+$", "");
    }

    /// @throws IllegalArgumentException if it is no such time
    static Instant parse(String text) {
        int dot = text.indexOf('.');
        boolean negative = text.startsWith("-");
        long seconds = Long.parseLong(dot < 0 ? text : text.substring(0, dot));
        int nanos = 0;
        if (dot >= 0) {
            String fraction = text.substring(dot + 1);
            if (!fraction.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new IllegalArgumentException("\"" + text + "\" is not a time");
            }
            nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
        }
        if (Math.abs(seconds) > Instant.MAX.getEpochSecond()) {
            throw new IllegalArgumentException("\"" + text + "\" is not a time");
        }
        return Instant.ofEpochSecond(seconds, negative ? -nanos : nanos);
    }
}
