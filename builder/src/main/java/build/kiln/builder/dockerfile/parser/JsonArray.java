package build.kiln.builder.dockerfile.parser;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/// Reads an argument that may be a JSON array of strings (RFC 8259). What is not JSON is no error: the instruction then
/// has its shell form.
final class JsonArray {

    /// What a text turned out to be.
    sealed interface Result {}

    record Strings(List<String> strings) implements Result {}

    /// An array, but with a number, object or the like in it.
    record NotOnlyStrings() implements Result {}

    record NoArray() implements Result {}

    private static final int MAX_DEPTH = 10_000;

    private final String text;
    private final List<String> strings = new ArrayList<>();
    private int next;
    private boolean onlyStrings = true;

    /// Thrown and caught here alone.
    private static final class NotJson extends Exception {
        @SuppressWarnings("UnusedMethod") // Exception's own; a trace would cost more than the parse.
        NotJson() {
            super("not JSON", null, false, false);
        }
    }

    private JsonArray(String text) {
        this.text = text;
    }

    static Result parse(String text) {
        JsonArray array = new JsonArray(text);
        if (!text.startsWith("[")) {
            return new NoArray();
        }
        try {
            array.readAll();
        } catch (NotJson e) {
            return new NoArray();
        }
        return array.onlyStrings ? new Strings(array.strings) : new NotOnlyStrings();
    }

    /// One value, without recursion: `objects` has a bit for each level that is open, set for an object.
    private void readAll() throws NotJson {
        BitSet objects = new BitSet();
        int depth = 0;
        boolean valueExpected = true;
        do {
            skipBlanks();
            if (valueExpected) {
                char character = peek();
                if (character == '[' || character == '{') {
                    onlyStrings &= depth == 0;
                    next++;
                    objects.set(depth++, character == '{');
                    if (depth > MAX_DEPTH) {
                        throw new NotJson();
                    }
                    skipBlanks();
                    if (peek() == (character == '{' ? '}' : ']')) {
                        valueExpected = false;
                    } else if (character == '{') {
                        readKey();
                    }
                    continue;
                }
                readScalar(depth);
                valueExpected = false;
            } else if (peek() == ',') {
                next++;
                if (objects.get(depth - 1)) {
                    readKey();
                }
                valueExpected = true;
            } else if (peek() == (objects.get(depth - 1) ? '}' : ']')) {
                next++;
                depth--;
            } else {
                throw new NotJson();
            }
        } while (depth > 0);
        skipBlanks();
        if (next < text.length()) {
            throw new NotJson();
        }
    }

    private void readKey() throws NotJson {
        skipBlanks();
        readString();
        skipBlanks();
        expect(':');
    }

    private void readScalar(int depth) throws NotJson {
        char character = peek();
        if (character == '"') {
            String string = readString();
            if (depth == 1) {
                strings.add(string);
            }
            return;
        }
        onlyStrings = false;
        switch (character) {
            case 't' -> expectWord("true");
            case 'f' -> expectWord("false");
            case 'n' -> expectWord("null");
            default -> readNumber();
        }
    }

    private String readString() throws NotJson {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (true) {
            char character = take();
            if (character == '"') {
                return string.toString();
            }
            if (character < 0x20) {
                throw new NotJson();
            }
            if (character != '\\') {
                string.append(character);
            } else {
                readEscape(string);
            }
        }
    }

    private void readEscape(StringBuilder string) throws NotJson {
        char character = take();
        switch (character) {
            case '"', '\\', '/' -> string.append(character);
            case 'b' -> string.append('\b');
            case 'f' -> string.append('\f');
            case 'n' -> string.append('\n');
            case 'r' -> string.append('\r');
            case 't' -> string.append('\t');
            case 'u' -> {
                char unit = readHex();
                if (!Character.isSurrogate(unit)) {
                    string.append(unit);
                } else {
                    readSurrogate(string, unit);
                }
            }
            default -> throw new NotJson();
        }
    }

    /// Half of a pair on its own becomes the replacement character.
    private void readSurrogate(StringBuilder string, char unit) throws NotJson {
        if (Character.isHighSurrogate(unit) && text.startsWith("\\u", next)) {
            int before = next;
            next += 2;
            char low = readHex();
            if (Character.isLowSurrogate(low)) {
                string.append(unit).append(low);
                return;
            }
            next = before;
        }
        string.append('\uFFFD');
    }

    private char readHex() throws NotJson {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            char character = take();
            int digit = character < 128 ? Character.digit(character, 16) : -1;
            if (digit < 0) {
                throw new NotJson();
            }
            value = value * 16 + digit;
        }
        return (char) value;
    }

    private void readNumber() throws NotJson {
        int start = next;
        if (peekOrEnd() == '-') {
            next++;
        }
        if (peekOrEnd() == '0') {
            next++;
        } else {
            readDigits();
        }
        if (peekOrEnd() == '.') {
            next++;
            readDigits();
        }
        if (peekOrEnd() == 'e' || peekOrEnd() == 'E') {
            next++;
            if (peekOrEnd() == '+' || peekOrEnd() == '-') {
                next++;
            }
            readDigits();
        }
        if (Double.isInfinite(Double.parseDouble(text.substring(start, next)))) {
            throw new NotJson();
        }
    }

    private void readDigits() throws NotJson {
        int start = next;
        while (peekOrEnd() >= '0' && peekOrEnd() <= '9') {
            next++;
        }
        if (next == start) {
            throw new NotJson();
        }
    }

    private void expectWord(String word) throws NotJson {
        if (!text.startsWith(word, next)) {
            throw new NotJson();
        }
        next += word.length();
    }

    private void expect(char character) throws NotJson {
        if (take() != character) {
            throw new NotJson();
        }
    }

    private void skipBlanks() {
        while (next < text.length() && " \t\r\n".indexOf(text.charAt(next)) >= 0) {
            next++;
        }
    }

    private int peekOrEnd() {
        return next < text.length() ? text.charAt(next) : -1;
    }

    private char peek() throws NotJson {
        if (next >= text.length()) {
            throw new NotJson();
        }
        return text.charAt(next);
    }

    private char take() throws NotJson {
        char character = peek();
        next++;
        return character;
    }
}
