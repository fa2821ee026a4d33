package build.kiln.builder.dockerfile.instruction;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A size such as `64m`, `1.5 GiB` or `4096`; units are powers of 1024.
final class ByteCount {

    private static final Pattern SIZE =
            Pattern.compile("([+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?) ?(?:([kmgtp])(?:i?b)?|b)?");

    private ByteCount() {}

    static Optional<Long> parse(String text) {
        Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String unit = matcher.group(2);
        int power = unit == null ? 0 : "kmgtp".indexOf(unit) + 1;
        double bytes = Double.parseDouble(matcher.group(1)) * Math.pow(1024, power);
        return bytes < 0 || bytes >= Long.MAX_VALUE ? Optional.empty() : Optional.of((long) bytes);
    }
}
