package build.kiln.builder.dockerfile.words;

/// What counts as a blank in a Dockerfile: Unicode's White_Space.
public final class WhiteSpace {

    private WhiteSpace() {}

    public static boolean is(int codePoint) {
        return switch (codePoint) {
            case '\t', '\n', 0x0B, '\f', '\r', ' ', 0x85, 0xA0, 0x1680 -> true;
            case 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
            default -> codePoint >= 0x2000 && codePoint <= 0x200A;
        };
    }

    /// Without the blanks at its start.
    public static String stripLeading(String text) {
        int start = 0;
        while (start < text.length() && is(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    /// Without the blanks at both ends.
    public static String strip(String text) {
        int end = text.length();
        while (end > 0 && is(text.charAt(end - 1))) {
            end--;
        }
        return stripLeading(text.substring(0, end));
    }
}
