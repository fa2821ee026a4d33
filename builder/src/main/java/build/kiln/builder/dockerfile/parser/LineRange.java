package build.kiln.builder.dockerfile.parser;

/// The lines that something takes up in its file, counted from 1, both ends included.
public record LineRange(int first, int last) {

    public LineRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("lines " + first + " to " + last);
        }
    }

    @Override
    public String toString() {
        return first == last ? "line " + first : "lines " + first + " to " + last;
    }
}
