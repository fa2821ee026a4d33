package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.parser.Origin;
import java.util.ArrayList;
import java.util.List;

/// The value of `--mount` and `--device`: fields between commas, as one line of a CSV file (RFC 4180).
final class CommaList {

    private CommaList() {}

    static List<String> parse(Origin origin, String flag, String value) {
        if (value.isEmpty()) {
            throw origin.failure("--" + flag + " has no value.", "Give it one, or remove the flag.");
        }
        List<String> fields = new ArrayList<>();
        int next = 0;
        while (next <= value.length()) {
            if (next < value.length() && value.charAt(next) == '"') {
                next = readQuoted(origin, flag, value, next + 1, fields);
            } else {
                next = readPlain(origin, flag, value, next, fields);
            }
        }
        return fields;
    }

    /// Returns where the next field begins; beyond the value's end if there is none.
    private static int readPlain(Origin origin, String flag, String value, int start, List<String> fields) {
        int comma = value.indexOf(',', start);
        int end = comma < 0 ? value.length() : comma;
        String field = value.substring(start, end);
        if (field.indexOf('"') >= 0) {
            throw quoting(origin, flag, value);
        }
        fields.add(field);
        return end + 1;
    }

    private static int readQuoted(Origin origin, String flag, String value, int start, List<String> fields) {
        StringBuilder field = new StringBuilder();
        int next = start;
        while (true) {
            int quote = value.indexOf('"', next);
            if (quote < 0) {
                throw quoting(origin, flag, value);
            }
            field.append(value, next, quote);
            boolean doubled = quote + 1 < value.length() && value.charAt(quote + 1) == '"';
            if (!doubled) {
                if (quote + 1 < value.length() && value.charAt(quote + 1) != ',') {
                    throw quoting(origin, flag, value);
                }
                fields.add(field.toString());
                return quote + 2;
            }
            field.append('"');
            next = quote + 2;
        }
    }

    private static RuntimeException quoting(Origin origin, String flag, String value) {
        return origin.failure(
                "--" + flag + "=" + value + " has a double quote in a place where none may stand.",
                "Quote a whole field or none of it, and write a quote within a quoted field twice.");
    }
}
