package build.kiln.builder.dockerfile.parser;

import build.kiln.builder.dockerfile.words.WhiteSpace;
import java.util.ArrayList;
import java.util.List;

/// Cuts at blanks that stand outside of quotes. Quotes and escapes stay: they are read again when the word is
/// expanded.
final class QuotedWords {

    private final String rest;
    private final char escape;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean quotesSeen;

    private QuotedWords(String rest, char escape) {
        this.rest = rest;
        this.escape = escape;
    }

    static List<String> split(String rest, char escape) {
        QuotedWords splitter = new QuotedWords(rest, escape);
        splitter.run();
        return splitter.words;
    }

    private void run() {
        int next = 0;
        while (next < rest.length()) {
            char character = rest.charAt(next);
            if (WhiteSpace.is(character)) {
                finishWord();
                next++;
            } else if (character == escape) {
                next = takeEscaped(next);
            } else if (character == '\'' || character == '"') {
                next = takeQuoted(next, character);
            } else {
                word.append(character);
                next++;
            }
        }
        finishWord();
    }

    /// The escape character and the one after it; a last one on its own vanishes.
    private int takeEscaped(int at) {
        if (at + 1 < rest.length()) {
            int width = Character.charCount(rest.codePointAt(at + 1));
            word.append(rest, at, at + 1 + width);
            return at + 1 + width;
        }
        return at + 1;
    }

    private int takeQuoted(int at, char quote) {
        quotesSeen = true;
        word.append(quote);
        int next = at + 1;
        while (next < rest.length()) {
            char character = rest.charAt(next);
            if (character == quote) {
                word.append(quote);
                return next + 1;
            }
            if (character == escape && quote != '\'') {
                next = takeEscaped(next);
            } else {
                word.append(character);
                next++;
            }
        }
        return next;
    }

    private void finishWord() {
        if (quotesSeen || !word.isEmpty()) {
            words.add(word.toString());
        }
        word.setLength(0);
        quotesSeen = false;
    }
}
