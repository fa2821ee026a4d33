package build.kiln.operator.policy;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/// Amounts of memory, as Kubernetes writes them.
final class Memory {

    private static final List<String> UNITS = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi");

    private Memory() {}

    /// Twice as much, but no more than `most`; empty if that is not more.
    static Optional<String> more(String limit, String most) {
        BigDecimal now = bytes(limit);
        BigDecimal end = bytes(most);
        if (end.compareTo(now) <= 0) {
            return Optional.empty();
        }
        BigDecimal twice = now.multiply(BigDecimal.TWO).setScale(0, RoundingMode.CEILING);
        return Optional.of(twice.compareTo(end) < 0 ? format(twice) : most);
    }

    static boolean isMore(String one, String other) {
        return bytes(one).compareTo(bytes(other)) > 0;
    }

    private static BigDecimal bytes(String quantity) {
        return new Quantity(quantity).getNumericalAmount();
    }

    /// In the largest unit that leaves it a whole number.
    private static String format(BigDecimal bytes) {
        long number = bytes.longValueExact();
        int unit = 0;
        while (unit < UNITS.size() - 1 && number % 1024 == 0) {
            number /= 1024;
            unit++;
        }
        return number + UNITS.get(unit);
    }
}
