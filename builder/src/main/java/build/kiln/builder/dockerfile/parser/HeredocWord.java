package build.kiln.builder.dockerfile.parser;

import build.kiln.builder.dockerfile.words.BadWordException;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.dockerfile.words.Words;
import build.kiln.builder.dockerfile.words.Words.Quotes;
import build.kiln.builder.dockerfile.words.Words.Unset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Recognizes the word that announces a heredoc: `<<EOF`, `<<-EOF`, `3<<"EOF"`.
public final class HeredocWord {

    private static final Pattern ANNOUNCEMENT = Pattern.compile("(\\d*)<<(-?)[\\t\\n\\f\\r ]*([^<]*)");
    private static final Words IN_LINE = new Words('\\', Quotes.KEPT_WITH_ESCAPES, Unset.REFERENCE);
    private static final Words UNQUOTED = new Words('\\', Quotes.REMOVED, Unset.REFERENCE);
    private static final Words QUOTED = new Words('\\', Quotes.KEPT, Unset.REFERENCE);

    private HeredocWord() {}

    /// The heredoc that the word announces, still without its text; empty if it announces none.
    public static Optional<Heredoc> parse(String word) {
        try {
            return read(word);
        } catch (BadWordException e) {
            return Optional.empty();
        }
    }

    /// All heredocs that an instruction announces, still without their texts.
    static List<Heredoc> inLine(Origin origin, String line) {
        List<Heredoc> heredocs = new ArrayList<>();
        for (String word : wordsOf(line)) {
            try {
                read(word).ifPresent(heredocs::add);
            } catch (BadWordException e) {
                throw origin.failure("The heredoc's name is wrong: " + e.getMessage() + ".", "Use a plain word.");
            }
        }
        return heredocs;
    }

    private static List<String> wordsOf(String line) {
        try {
            return IN_LINE.expand(line, Environment.empty()).words();
        } catch (BadWordException e) {
            // What the shell will make of such a line is the shell's business; a heredoc it is not.
            return List.of();
        }
    }

    private static Optional<Heredoc> read(String word) throws BadWordException {
        Matcher matcher = ANNOUNCEMENT.matcher(word);
        if (!matcher.matches() || matcher.group(3).isEmpty()) {
            return Optional.empty();
        }
        List<String> name =
                UNQUOTED.expand(matcher.group(3), Environment.empty()).words();
        if (name.size() != 1) {
            return Optional.empty();
        }
        List<String> quoted =
                QUOTED.expand(matcher.group(3), Environment.empty()).words();
        boolean expand = quoted.size() == 1 && quotesIn(name.getFirst()) == quotesIn(quoted.getFirst());
        boolean chomp = !matcher.group(2).isEmpty();
        return Optional.of(new Heredoc(name.getFirst(), fileDescriptor(matcher.group(1)), expand, chomp, ""));
    }

    private static int fileDescriptor(String digits) {
        if (digits.isEmpty()) {
            return 0;
        }
        return digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
    }

    private static long quotesIn(String text) {
        return text.chars().filter(c -> c == '\'' || c == '"').count();
    }
}
