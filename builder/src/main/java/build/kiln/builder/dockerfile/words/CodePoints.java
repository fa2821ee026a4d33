package build.kiln.builder.dockerfile.words;

/// Reads a text one code point after the other.
final class CodePoints {

    /// Comes after the last code point.
    static final int END = -1;

    private final int[] points;
    private int next;

    CodePoints(String text) {
        points = text.codePoints().toArray();
        // A byte order mark before a word is not part of it.
        if (points.length > 0 && points[0] == 0xFEFF) {
            next = 1;
        }
    }

    int peek() {
        return next < points.length ? points[next] : END;
    }

    int next() {
        return next < points.length ? points[next++] : END;
    }

    boolean atEnd() {
        return next >= points.length;
    }
}
