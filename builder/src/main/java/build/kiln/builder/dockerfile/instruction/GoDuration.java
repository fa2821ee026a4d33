package build.kiln.builder.dockerfile.instruction;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A duration as Go writes it: `300ms`, `1.5h`, `2h45m`.
///
/// @see <a href="https://pkg.go.dev/time@go1.24#ParseDuration">ParseDuration</a>
final class GoDuration {

    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "\u00B5s", 1_000L,
            "\u03BCs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);
    private static final Pattern PART = Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)([^0-9.]+)");
    private static final BigDecimal LONGEST = BigDecimal.valueOf(Long.MAX_VALUE);

    private GoDuration() {}

    static Optional<Duration> parse(String text) {
        boolean negative = text.startsWith("-");
        String unsigned = negative || text.startsWith("+") ? text.substring(1) : text;
        if (unsigned.equals("0")) {
            return Optional.of(Duration.ZERO);
        }
        if (unsigned.isEmpty() || unsigned.length() > 100) {
            return Optional.empty();
        }
        BigDecimal nanos = BigDecimal.ZERO;
        Matcher part = PART.matcher(unsigned);
        int end = 0;
        while (part.find() && part.start() == end) {
            Long unit = NANOS.get(part.group(2));
            if (unit == null) {
                return Optional.empty();
            }
            BigDecimal whole = new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit));
            nanos = nanos.add(whole.setScale(0, RoundingMode.DOWN));
            end = part.end();
        }
        if (end != unsigned.length() || nanos.compareTo(LONGEST) > 0) {
            return Optional.empty();
        }
        Duration duration = Duration.ofNanos(nanos.longValueExact());
        return Optional.of(negative ? duration.negated() : duration);
    }
}
