package build.kiln.builder.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads and writes JSON as nearly all documents are that Kiln meets: with whole numbers. It takes what is unusual in
/// any
/// way for none of its business, and what it does take means what it means to Jackson, whose start alone costs a cold
/// JVM a tenth of a warm build.
final class PlainJson {

    /// Deeper, and with longer strings and names, documents are not.
    private static final int MOST_DEPTH = 50;

    private static final int MOST_BYTES = 10_000_000;

    private static final int MOST_BYTES_OF_NAME = 10_000;

    /// All of them are a `long`.
    private static final int MOST_DIGITS = 18;

    private final byte[] json;
    private int at;

    private PlainJson(byte[] json) {
        this.json = json;
    }

    /// The one object that these bytes are; empty if they are something else, or not plain.
    static Optional<JsonNode> parse(byte[] json) {
        PlainJson text = new PlainJson(json);
        text.skipSpace();
        if (!text.isNext('{')) {
            return Optional.empty();
        }
        JsonNode object = text.value(0);
        text.skipSpace();
        return text.at == json.length ? Optional.ofNullable(object) : Optional.empty();
    }

    /// Null if it is not plain, as all methods that read.
    private @Nullable JsonNode value(int depth) {
        skipSpace();
        if (at == json.length || depth > MOST_DEPTH) {
            return null;
        }
        return switch (json[at]) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> {
                String text = string(MOST_BYTES);
                yield text == null ? null : JsonNodeFactory.instance.textNode(text);
            }
            case 't' -> word("true") ? JsonNodeFactory.instance.booleanNode(true) : null;
            case 'f' -> word("false") ? JsonNodeFactory.instance.booleanNode(false) : null;
            case 'n' -> word("null") ? JsonNodeFactory.instance.nullNode() : null;
            default -> number();
        };
    }

    private @Nullable ObjectNode object(int depth) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        at++;
        skipSpace();
        if (take('}')) {
            return object;
        }
        while (true) {
            skipSpace();
            String name = isNext('"') ? string(MOST_BYTES_OF_NAME) : null;
            skipSpace();
            JsonNode value = name != null && take(':') ? value(depth + 1) : null;
            if (value == null || object.replace(name, value) != null) {
                return null;
            }
            skipSpace();
            if (take('}')) {
                return object;
            }
            if (!take(',')) {
                return null;
            }
        }
    }

    private @Nullable ArrayNode array(int depth) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        at++;
        skipSpace();
        if (take(']')) {
            return array;
        }
        while (true) {
            JsonNode value = value(depth + 1);
            if (value == null) {
                return null;
            }
            array.add(value);
            skipSpace();
            if (take(']')) {
                return array;
            }
            if (!take(',')) {
                return null;
            }
        }
    }

    private @Nullable String string(int most) {
        int start = ++at;
        boolean isAscii = true;
        while (at < json.length && isText(json[at])) {
            isAscii &= json[at] > 0;
            at++;
        }
        if (!isNext('"')) {
            at = start;
            return stringWithEscapes(most);
        }
        int length = at++ - start;
        if (length > most) {
            return null;
        }
        return isAscii
                ? new String(json, start, length, StandardCharsets.ISO_8859_1)
                : decoded(ByteBuffer.wrap(json, start, length));
    }

    /// Whether this byte stands for itself, or is a part of a character beyond ASCII.
    private static boolean isText(byte one) {
        return (one >= ' ' || one < 0) && one != '"' && one != '\\';
    }

    private @Nullable String stringWithEscapes(int most) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (text.size() <= most) {
            int start = at;
            while (at < json.length && isText(json[at])) {
                at++;
            }
            text.write(json, start, at - start);
            if (take('"')) {
                return text.size() > most ? null : decoded(ByteBuffer.wrap(text.toByteArray()));
            }
            int read = take('\\') ? escaped() : -1;
            if (read < 0) {
                return null;
            }
            if (read < 0x80) {
                text.write(read);
            } else {
                text.writeBytes(Character.toString(read).getBytes(StandardCharsets.UTF_8));
            }
        }
        return null;
    }

    /// Null if it is not UTF-8.
    private static @Nullable String decoded(ByteBuffer text) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /// -1 if it is not plain.
    private int escaped() {
        if (at == json.length) {
            return -1;
        }
        return switch (json[at++]) {
            case '"' -> '"';
            case '\\' -> '\\';
            case '/' -> '/';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> -1;
        };
    }

    private int unicode() {
        if (json.length - at < 4) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(json[at++], 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return Character.isSurrogate((char) value) ? -1 : value;
    }

    private @Nullable JsonNode number() {
        int start = at;
        long value = 0;
        while (at < json.length && json[at] >= '0' && json[at] <= '9' && at - start <= MOST_DIGITS) {
            value = 10 * value + json[at++] - '0';
        }
        int digits = at - start;
        boolean isWhole = at < json.length && json[at] != '.' && json[at] != 'e' && json[at] != 'E';
        if (digits == 0 || digits > MOST_DIGITS || !isWhole || digits > 1 && json[start] == '0') {
            return null;
        }
        return value <= Integer.MAX_VALUE
                ? JsonNodeFactory.instance.numberNode((int) value)
                : JsonNodeFactory.instance.numberNode(value);
    }

    private boolean word(String word) {
        for (int i = 0; i < word.length(); i++, at++) {
            if (at == json.length || json[at] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isNext(char one) {
        return at < json.length && json[at] == one;
    }

    private boolean take(char one) {
        boolean isNext = isNext(one);
        at += isNext ? 1 : 0;
        return isNext;
    }

    private void skipSpace() {
        while (at < json.length && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
            at++;
        }
    }

    /// The tree as Jackson writes it; empty if something in it is not plain.
    static Optional<byte[]> bytes(JsonNode node) {
        StringBuilder out = new StringBuilder();
        return write(node, out) ? Optional.of(out.toString().getBytes(StandardCharsets.UTF_8)) : Optional.empty();
    }

    private static boolean write(JsonNode node, StringBuilder out) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                char before = '{';
                for (var member : node.properties()) {
                    out.append(before);
                    before = ',';
                    if (!write(member.getKey(), out) || !write(member.getValue(), out.append(':'))) {
                        yield false;
                    }
                }
                out.append(before == '{' ? "{}" : "}");
                yield true;
            }
            case ARRAY -> {
                char before = '[';
                for (JsonNode one : node) {
                    out.append(before);
                    before = ',';
                    if (!write(one, out)) {
                        yield false;
                    }
                }
                out.append(before == '[' ? "[]" : "]");
                yield true;
            }
            case STRING -> write(node.textValue(), out);
            case BOOLEAN -> {
                out.append(node.booleanValue());
                yield true;
            }
            case NULL -> {
                out.append("null");
                yield true;
            }
            case NUMBER -> {
                if (node.isIntegralNumber()) {
                    out.append(node.asText());
                }
                yield node.isIntegralNumber();
            }
            case BINARY, MISSING, POJO -> false;
        };
    }

    private static boolean write(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char one = text.charAt(i);
            switch (one) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (Character.isSurrogate(one)) {
                        return false;
                    }
                    if (one < ' ') {
                        out.append(one < 0x10 ? "\\u000" : "\\u001").append("0123456789ABCDEF".charAt(one & 0xf));
                    } else {
                        out.append(one);
                    }
                }
            }
        }
        out.append('"');
        return true;
    }
}
