package build.kiln.builder.plan;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// Values as Go's `fmt` prints them: the history texts of images have that form.
final class GoText {

    private GoText() {}

    /// `%v` of a list: `[a b]`.
    static String list(List<String> words) {
        return "[" + String.join(" ", words) + "]";
    }

    /// `%q` of a list: `["a" "b c"]`.
    static String quotedList(List<String> words) {
        return words.stream().map(GoText::quoted).collect(Collectors.joining(" ", "[", "]"));
    }

    /// `%q`: in double quotes, with escapes for what cannot be printed.
    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().forEach(point -> appendQuoted(out, point));
        return out.append('"').toString();
    }

    private static void appendQuoted(StringBuilder out, int point) {
        switch (point) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case 0x07 -> out.append("\\a");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case 0x0b -> out.append("\\v");
            default -> {
                if (isPrintable(point)) {
                    out.appendCodePoint(point);
                } else if (point < ' ' || point == 0x7f) {
                    out.append(String.format("\\x%02x", point));
                } else if (point < 0x10000) {
                    out.append(String.format("\\u%04x", point));
                } else {
                    out.append(String.format("\\U%08x", point));
                }
            }
        }
    }

    /// Letters, marks, numbers, punctuation, symbols and the ASCII space.
    private static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }

    /// `1h2m3.5s`, `250ms`, `0s`.
    static String duration(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        String sign = duration.isNegative() ? "-" : "";
        Duration size = duration.abs();
        if (size.compareTo(Duration.ofSeconds(1)) < 0) {
            return sign + belowOneSecond(size.toNanos());
        }
        StringBuilder out = new StringBuilder(sign);
        if (size.toHours() > 0) {
            out.append(size.toHours()).append('h');
        }
        if (size.toMinutes() > 0) {
            out.append(size.toMinutesPart()).append('m');
        }
        return out.append(size.toSecondsPart())
                .append(fraction(size.toNanosPart(), 9))
                .append('s')
                .toString();
    }

    private static String belowOneSecond(long nanos) {
        if (nanos < 1_000) {
            return nanos + "ns";
        }
        if (nanos < 1_000_000) {
            return nanos / 1_000 + fraction(nanos % 1_000, 3) + "µs";
        }
        return nanos / 1_000_000 + fraction(nanos % 1_000_000, 6) + "ms";
    }

    private static String fraction(long value, int digits) {
        if (value == 0) {
            return "";
        }
        String padded = String.format("%0" + digits + "d", value);
        return "." + padded.replaceFirst("0+$", "");
    }
}
