package build.kiln.local.node;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Kubernetes' quantities of memory: `512Mi`, `1G`, `1e9`.
final class Quantities {

    private static final Pattern QUANTITY = Pattern.compile("([0-9.]+(?:[eE][0-9]+)?)(m|[kMGTPE]i?|Ki)?");
    private static final String UNITS = "kMGTPE";

    private Quantities() {}

    /// 0 if there is none.
    ///
    /// @throws Refusal if it is not understood
    static long bytes(String quantity) {
        if (quantity.isEmpty()) {
            return 0;
        }
        Matcher matcher = QUANTITY.matcher(quantity);
        if (!matcher.matches()) {
            throw new Refusal("the memory limit \"" + quantity + "\" is no quantity such as 512Mi or 1G");
        }
        BigDecimal number = new BigDecimal(matcher.group(1));
        String unit = matcher.group(2);
        if (unit == null) {
            return number.longValue();
        }
        if (unit.equals("m")) {
            return number.movePointLeft(3).longValue();
        }
        long base = unit.endsWith("i") ? 1024 : 1000;
        return number.multiply(BigDecimal.valueOf(base)
                        .pow(UNITS.indexOf(unit.replace('K', 'k').charAt(0)) + 1))
                .longValue();
    }
}
