package build.kiln.builder.dockerfile.parser;

import build.kiln.builder.dockerfile.words.WhiteSpace;
import java.util.ArrayList;
import java.util.List;

/// Takes the flags, which begin with `--`, from the front of an instruction's arguments. A lone `--` ends them.
///
/// @param flags with quotes and escapes removed
/// @param rest what follows, untouched
record FlagSplitter(List<String> flags, String rest) {

    static FlagSplitter split(String line, char escape) {
        List<String> flags = new ArrayList<>();
        int next = 0;
        while (true) {
            while (next < line.length() && WhiteSpace.is(line.charAt(next))) {
                next++;
            }
            if (!line.startsWith("--", next)) {
                return new FlagSplitter(flags, line.substring(next));
            }
            StringBuilder flag = new StringBuilder();
            next = readFlag(line, next, escape, flag);
            if (flag.toString().equals("--")) {
                return new FlagSplitter(flags, line.substring(next));
            }
            flags.add(flag.toString());
        }
    }

    /// Returns where the flag ends.
    private static int readFlag(String line, int start, char escape, StringBuilder flag) {
        int quote = 0;
        int next = start;
        while (next < line.length()) {
            char character = line.charAt(next++);
            if (character == escape) {
                if (next < line.length()) {
                    flag.append(line.charAt(next++));
                }
            } else if (quote != 0) {
                if (character == quote) {
                    quote = 0;
                } else {
                    flag.append(character);
                }
            } else if (character == '\'' || character == '"') {
                quote = character;
            } else if (WhiteSpace.is(character)) {
                return next - 1;
            } else {
                flag.append(character);
            }
        }
        return next;
    }
}
