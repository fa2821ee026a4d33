package build.kiln.builder.dockerfile.words;

import build.kiln.builder.dockerfile.words.Words.Quotes;
import build.kiln.builder.dockerfile.words.Words.Unset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads one word. A fresh one for each.
final class Lexer {

    /// Words within words: deeper than any person writes, and far from the end of the stack.
    private static final int MAX_DEPTH = 200;

    /// An expansion that grows beyond this does so by mistake: `ENV A=$A$A`, thirty times over.
    private static final int MAX_LENGTH = 16 << 20;

    private final Words rules;
    private final String source;
    private final Environment environment;
    private final CodePoints input;
    private final StringBuilder wordBuffer = new StringBuilder();
    private final Set<String> matched = new LinkedHashSet<>();
    private final Set<String> unmatched = new LinkedHashSet<>();
    private boolean keepEscapes;
    private int depth;

    private record Piece(String text, List<String> words) {}

    Lexer(Words rules, String source, Environment environment) {
        this.rules = rules;
        this.source = source;
        this.environment = environment;
        this.input = new CodePoints(source);
        this.keepEscapes = rules.quotes() == Quotes.KEPT_WITH_ESCAPES || rules.quotes() == Quotes.REMOVED_BUT_ESCAPES;
    }

    Expansion expand() throws BadWordException {
        Piece piece = readUntil(CodePoints.END);
        return new Expansion(piece.text(), piece.words(), matched, unmatched);
    }

    /// Reads what stands inside a `${…}` form up to `stop`, which is consumed.
    private String readInner(int stop, boolean keepingEscapes) throws BadWordException {
        if (++depth > MAX_DEPTH) {
            throw bad("it nests ${…} more than " + MAX_DEPTH + " deep");
        }
        boolean before = keepEscapes;
        keepEscapes = keepingEscapes;
        try {
            return readUntil(stop).text();
        } finally {
            keepEscapes = before;
            depth--;
        }
    }

    private Piece readUntil(int stop) throws BadWordException {
        StringBuilder text = new StringBuilder();
        WordList words = new WordList(wordBuffer);
        while (!input.atEnd()) {
            int point = input.peek();
            if (point == stop) {
                input.next();
                return new Piece(text.toString(), words.finish());
            }
            if (point == '$') {
                String value = readDollar();
                append(text, value);
                words.addPlain(value);
            } else if (point == '<') {
                String arrows = readArrows();
                text.append(arrows);
                words.addProtected(arrows);
            } else if ((point == '\'' || point == '"') && rules.quotes() != Quotes.ORDINARY) {
                String quoted = point == '"' ? readDoubleQuoted() : readSingleQuoted();
                append(text, quoted);
                words.addProtected(quoted);
            } else {
                readOrdinary(text, words);
            }
        }
        if (stop != CodePoints.END) {
            throw bad("there is no \"" + Character.toString(stop) + "\" that ends its ${");
        }
        return new Piece(text.toString(), words.finish());
    }

    private void readOrdinary(StringBuilder text, WordList words) {
        int point = input.next();
        if (point != rules.escape()) {
            words.addPlain(point);
            text.appendCodePoint(point);
            return;
        }
        if (keepEscapes) {
            words.addProtected(point);
            text.appendCodePoint(point);
        }
        int escaped = input.next();
        if (escaped != CodePoints.END) {
            words.addProtected(escaped);
            text.appendCodePoint(escaped);
        }
    }

    /// `<`, or `<<` together with the blanks that may stand before a heredoc's name.
    private String readArrows() {
        input.next();
        if (input.peek() != '<') {
            return "<";
        }
        input.next();
        StringBuilder arrows = new StringBuilder("<<");
        while (input.peek() == ' ' || input.peek() == '\t' || input.peek() == '\r') {
            arrows.appendCodePoint(input.next());
        }
        return arrows.toString();
    }

    private boolean keepsQuotes() {
        return rules.quotes() == Quotes.KEPT || rules.quotes() == Quotes.KEPT_WITH_ESCAPES;
    }

    private String readSingleQuoted() throws BadWordException {
        StringBuilder text = new StringBuilder();
        input.next();
        while (!input.atEnd()) {
            int point = input.next();
            if (point == '\'') {
                return keepsQuotes() ? "'" + text + "'" : text.toString();
            }
            text.appendCodePoint(point);
        }
        throw bad("it opens a single quote (') and does not close it");
    }

    private String readDoubleQuoted() throws BadWordException {
        StringBuilder text = new StringBuilder();
        input.next();
        while (!input.atEnd()) {
            int point = input.peek();
            if (point == '$') {
                append(text, readDollar());
                continue;
            }
            input.next();
            if (point == '"') {
                return keepsQuotes() ? "\"" + text + "\"" : text.toString();
            }
            if (point == rules.escape()) {
                point = readEscapeInDoubleQuotes(text);
            }
            if (point != CodePoints.END) {
                text.appendCodePoint(point);
            }
        }
        throw bad("it opens a double quote (\") and does not close it");
    }

    /// Within double quotes only `"`, `$` and the escape character itself can be escaped.
    private int readEscapeInDoubleQuotes(StringBuilder text) {
        if (keepEscapes) {
            text.append(rules.escape());
        }
        int escaped = input.peek();
        if (escaped == CodePoints.END || escaped == '"' || escaped == '$' || escaped == rules.escape()) {
            return input.next();
        }
        return rules.escape();
    }

    private String readDollar() throws BadWordException {
        input.next();
        if (input.peek() != '{') {
            String name = readName();
            if (name.isEmpty()) {
                return "$";
            }
            String value = lookUp(name);
            return value != null ? value : rules.unset() == Unset.REFERENCE ? "$" + name : "";
        }
        input.next();
        switch (input.peek()) {
            case CodePoints.END -> throw bad("there is no \"}\" that ends its ${");
            case '{', '}', ':' -> throw bad("there is no variable's name after ${");
            default -> {
                return readBraces();
            }
        }
    }

    private String readBraces() throws BadWordException {
        String name = readName();
        int modifier = input.next();
        return switch (modifier) {
            case '}' -> {
                String value = lookUp(name);
                yield value != null ? value : rules.unset() == Unset.REFERENCE ? "${" + name + "}" : "";
            }
            case ':' -> readModified(name, true, input.next());
            case '+', '-', '?', '#', '%' -> readModified(name, false, modifier);
            case '/' -> readReplacement(name);
            case CodePoints.END -> throw bad("there is no \"}\" that ends its ${");
            default -> throw unknownModifier(name, Character.toString(modifier));
        };
    }

    private String readModified(String name, boolean emptyCountsAsUnset, int modifier) throws BadWordException {
        boolean pattern = modifier == '#' || modifier == '%';
        String written = (emptyCountsAsUnset ? ":" : "") + (modifier < 0 ? "" : Character.toString(modifier));
        if (emptyCountsAsUnset && pattern) {
            throw unknownModifier(name, written);
        }
        String word = readInner('}', pattern);
        String value = lookUp(name);
        if (value == null && rules.unset() == Unset.REFERENCE) {
            return "${" + name + written + word + "}";
        }
        boolean present = value != null && !(emptyCountsAsUnset && value.isEmpty());
        return switch (modifier) {
            case '-' -> present && value != null ? value : word;
            case '+' -> present ? word : "";
            case '?' -> {
                if (!present || value == null) {
                    throw missing(name, value, word);
                }
                yield value;
            }
            case '#', '%' -> trim(value == null ? "" : value, word, modifier);
            default -> throw unknownModifier(name, written);
        };
    }

    private BadWordException missing(String name, @Nullable String value, String message) {
        String state = value == null ? "is not set" : "is empty";
        return bad("the variable \"" + name + "\" " + state + (message.isEmpty() ? "" : ": " + message));
    }

    private String trim(String value, String word, int modifier) throws BadWordException {
        boolean longest = !word.isEmpty() && word.charAt(0) == modifier;
        String pattern = longest ? word.substring(1) : word;
        ShellPattern.Reach reach = longest ? ShellPattern.Reach.LONGEST : ShellPattern.Reach.SHORTEST;
        return modifier == '#'
                ? ShellPattern.parse(pattern).withoutPrefix(value, reach)
                : ShellPattern.parseReversed(pattern).withoutSuffix(value, reach);
    }

    private String readReplacement(String name) throws BadWordException {
        boolean all = input.peek() == '/';
        if (all) {
            input.next();
        }
        String pattern = readInner('/', true);
        String replacement = readInner('}', true);
        String value = lookUp(name);
        if (value == null && rules.unset() == Unset.REFERENCE) {
            return "${" + name + "/" + pattern + "/" + replacement + "}";
        }
        ShellPattern parsed = ShellPattern.parse(pattern);
        String subject = value == null ? "" : value;
        return all ? parsed.replaceAll(subject, replacement) : parsed.replaceFirst(subject, replacement);
    }

    /// A name is letters, digits and `_`; or digits alone; or one of the shell's special signs.
    private String readName() {
        if (Character.isDigit(input.peek())) {
            StringBuilder digits = new StringBuilder();
            while (Character.isDigit(input.peek())) {
                digits.appendCodePoint(input.next());
            }
            return digits.toString();
        }
        if (input.peek() > 0 && "@*#?-$!".indexOf(input.peek()) >= 0) {
            return Character.toString(input.next());
        }
        StringBuilder name = new StringBuilder();
        while (Character.isLetterOrDigit(input.peek()) || input.peek() == '_') {
            name.appendCodePoint(input.next());
        }
        return name.toString();
    }

    private @Nullable String lookUp(String name) {
        String value = environment.get(name);
        (value == null ? unmatched : matched).add(name);
        return value;
    }

    private void append(StringBuilder text, String piece) throws BadWordException {
        if (text.length() + piece.length() > MAX_LENGTH) {
            throw bad("it expands to more than " + (MAX_LENGTH >> 20) + " Mi characters");
        }
        text.append(piece);
    }

    private BadWordException unknownModifier(String name, String modifier) {
        return bad("\"" + modifier + "\" after \"${" + name
                + "\" is not one of the modifiers -, :-, +, :+, ?, :?, #, ##, %, %%, / and //");
    }

    private BadWordException bad(String fact) {
        return new BadWordException("\"" + shortened(source) + "\" cannot be expanded: " + fact);
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
