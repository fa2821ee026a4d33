package build.kiln.builder.dockerfile.words;

import java.util.ArrayList;
import java.util.List;

/// Collects the words of a text, cut at blanks that nothing protects.
///
/// The buffer is shared between a text and the words inside its `${…}` forms, and each of these starts by emptying
/// it. So `B=${U:-q}` is the single word `q`, not `B=q`: this is how the reference implementation splits, and ports
/// that are written in this way have to come out the same.
final class WordList {

    private final StringBuilder buffer;
    private final List<String> words = new ArrayList<>();
    private boolean inWord;

    WordList(StringBuilder sharedBuffer) {
        this.buffer = sharedBuffer;
        buffer.setLength(0);
    }

    /// Adds text in which blanks divide words.
    void addPlain(String text) {
        text.codePoints().forEach(this::addPlain);
    }

    void addPlain(int codePoint) {
        if (!WhiteSpace.is(codePoint)) {
            addProtected(codePoint);
        } else if (inWord && !buffer.isEmpty()) {
            finishWord();
        }
    }

    /// Adds text that belongs to one word whatever it holds.
    void addProtected(String text) {
        buffer.append(text);
        inWord = true;
    }

    void addProtected(int codePoint) {
        buffer.appendCodePoint(codePoint);
        inWord = true;
    }

    List<String> finish() {
        if (!buffer.isEmpty()) {
            finishWord();
        }
        return words;
    }

    private void finishWord() {
        words.add(buffer.toString());
        buffer.setLength(0);
        inWord = false;
    }
}
