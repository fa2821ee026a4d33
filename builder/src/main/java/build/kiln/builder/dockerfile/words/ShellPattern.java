package build.kiln.builder.dockerfile.words;

import java.util.Arrays;

/// The pattern of a `${name#…}`, `${name%…}` or `${name/…/…}`: `*` is any text of one line, `?` any of its
/// characters.
///
/// Works in time proportional to pattern times text, whatever the pattern is.
final class ShellPattern {

    /// How far a `*` goes.
    enum Reach {
        SHORTEST,
        LONGEST
    }

    private static final int STAR = -2;
    private static final int ANY = -3;
    private static final int NONE = -1;
    private static final long MAX_WORK = 1L << 30;

    /// Code points, [#STAR] and [#ANY].
    private final int[] elements;

    private final String text;

    private ShellPattern(int[] elements, String text) {
        this.elements = elements;
        this.text = text;
    }

    static ShellPattern parse(String text) throws BadWordException {
        CodePoints input = new CodePoints(text);
        int[] elements = new int[text.length()];
        int count = 0;
        while (!input.atEnd()) {
            int point = input.next();
            if (point == '\\') {
                int escaped = input.peek();
                if (escaped == '}' || escaped == '/') {
                    continue;
                }
                if (escaped != '*' && escaped != '?' && escaped != '\\') {
                    throw new BadWordException(
                            "The pattern \"" + text + "\" cannot be used: a backslash may only stand "
                                    + "before *, ?, /, } and another backslash");
                }
                elements[count++] = input.next();
            } else {
                elements[count++] = point == '*' ? STAR : point == '?' ? ANY : point;
            }
        }
        return new ShellPattern(Arrays.copyOf(elements, count), text);
    }

    /// The pattern for a text that is read backwards; escapes keep their character.
    static ShellPattern parseReversed(String text) throws BadWordException {
        int[] points = text.codePoints().toArray();
        StringBuilder reversed = new StringBuilder();
        for (int i = points.length - 1; i >= 0; ) {
            // An escape is found from the front: it counts if an even number of backslashes stands before it.
            boolean escaped = i > 0 && backslashesBefore(points, i) % 2 == 1;
            if (escaped) {
                reversed.append('\\').appendCodePoint(points[i]);
                i -= 2;
            } else {
                reversed.appendCodePoint(points[i]);
                i--;
            }
        }
        return parse(reversed.toString());
    }

    private static int backslashesBefore(int[] points, int index) {
        int count = 0;
        while (index - 1 - count >= 0 && points[index - 1 - count] == '\\') {
            count++;
        }
        return count;
    }

    String withoutPrefix(String value, Reach reach) throws BadWordException {
        int[] subject = value.codePoints().toArray();
        int end = ends(subject, reach)[0];
        return end == NONE ? value : join(subject, end, subject.length);
    }

    /// For a pattern made by [#parseReversed].
    String withoutSuffix(String value, Reach reach) throws BadWordException {
        int[] subject = value.codePoints().toArray();
        int[] backwards = new int[subject.length];
        for (int i = 0; i < subject.length; i++) {
            backwards[i] = subject[subject.length - 1 - i];
        }
        int end = ends(backwards, reach)[0];
        return end == NONE ? value : join(subject, 0, subject.length - end);
    }

    String replaceFirst(String value, String replacement) throws BadWordException {
        int[] subject = value.codePoints().toArray();
        int[] ends = ends(subject, Reach.LONGEST);
        for (int start = 0; start <= subject.length; start++) {
            if (ends[start] != NONE) {
                return join(subject, 0, start) + replacement + join(subject, ends[start], subject.length);
            }
        }
        return value;
    }

    /// Replaces every match; an empty one only where it does not touch the match before it.
    String replaceAll(String value, String replacement) throws BadWordException {
        int[] subject = value.codePoints().toArray();
        int[] ends = ends(subject, Reach.LONGEST);
        StringBuilder result = new StringBuilder();
        int copied = 0;
        for (int start = 0; start <= subject.length; ) {
            int end = ends[start];
            if (end == NONE) {
                start++;
                continue;
            }
            result.append(join(subject, copied, start));
            if (end > copied || start == 0) {
                result.append(fill(replacement, join(subject, start, end)));
            }
            copied = end;
            start = Math.max(end, start + 1);
        }
        return result.append(join(subject, copied, subject.length)).toString();
    }

    /// In the replacement of `//`, `$0` is what was found, `$$` is a dollar, and any other `$name` is nothing.
    private static String fill(String template, String found) {
        StringBuilder filled = new StringBuilder();
        for (int i = 0; i < template.length(); ) {
            char character = template.charAt(i);
            if (character != '$') {
                filled.append(character);
                i++;
                continue;
            }
            if (i + 1 < template.length() && template.charAt(i + 1) == '$') {
                filled.append('$');
                i += 2;
                continue;
            }
            boolean braces = i + 1 < template.length() && template.charAt(i + 1) == '{';
            int start = braces ? i + 2 : i + 1;
            int end = start;
            while (end < template.length() && isNamePart(template.codePointAt(end))) {
                end += Character.charCount(template.codePointAt(end));
            }
            boolean closed = !braces || (end < template.length() && template.charAt(end) == '}');
            if (end == start || !closed) {
                filled.append('$');
                i++;
                continue;
            }
            if (template.substring(start, end).equals("0")) {
                filled.append(found);
            }
            i = braces ? end + 1 : end;
        }
        return filled.toString();
    }

    private static boolean isNamePart(int codePoint) {
        return Character.isLetterOrDigit(codePoint) || codePoint == '_';
    }

    /// For each start in the subject the end of the match that begins there, or [#NONE].
    ///
    /// Filled from the pattern's last element to its first; `ends[i]` always answers for the elements seen so far.
    private int[] ends(int[] subject, Reach reach) throws BadWordException {
        if ((long) elements.length * subject.length > MAX_WORK) {
            throw new BadWordException("The pattern \"" + text.substring(0, Math.min(200, text.length()))
                    + "\" cannot be used: pattern and value are too long together");
        }
        int[] ends = new int[subject.length + 1];
        for (int i = 0; i <= subject.length; i++) {
            ends[i] = i;
        }
        for (int e = elements.length - 1; e >= 0; e--) {
            if (elements[e] == STAR) {
                extend(ends, subject, reach);
            } else {
                for (int i = 0; i < subject.length; i++) {
                    boolean fits = elements[e] == ANY ? subject[i] != '\n' : subject[i] == elements[e];
                    ends[i] = fits ? ends[i + 1] : NONE;
                }
                ends[subject.length] = NONE;
            }
        }
        return ends;
    }

    private static void extend(int[] ends, int[] subject, Reach reach) {
        for (int i = subject.length - 1; i >= 0; i--) {
            boolean canGoOn = subject[i] != '\n' && ends[i + 1] != NONE;
            if (canGoOn && (reach == Reach.LONGEST || ends[i] == NONE)) {
                ends[i] = ends[i + 1];
            }
        }
    }

    private static String join(int[] points, int from, int to) {
        return new String(points, from, to - from);
    }
}
