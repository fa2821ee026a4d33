package build.kiln.builder.dockerfile.words;

/// How words are read: removes quotes and escapes, and puts in the values of variables.
///
/// Understands `$name` and `${name}` with the modifiers `-` `:-` `+` `:+` `?` `:?` `#` `##` `%` `%%` `/` `//`.
///
/// @param escape the character that takes the next one's meaning away: a backslash, or what `# escape=` says
/// @param quotes what happens to `'` and `"`
/// @param unset what stands for a variable that is not set
public record Words(char escape, Quotes quotes, Unset unset) {

    /// What happens to `'` and `"`.
    public enum Quotes {
        /// They do their work and vanish.
        REMOVED,
        /// They do their work and stay.
        KEPT,
        /// They stay together with all escapes, so that the text could be read once more.
        KEPT_WITH_ESCAPES,
        /// They are letters like others, and hold nothing together.
        ORDINARY,
        /// Quotes do their work and vanish, escapes stay.
        REMOVED_BUT_ESCAPES
    }

    /// What stands for a variable that is not set.
    public enum Unset {
        /// Nothing.
        EMPTY,
        /// The reference itself, as it is written.
        REFERENCE
    }

    /// For an instruction's arguments.
    public static Words ofInstruction(char escape) {
        return new Words(escape, Quotes.REMOVED, Unset.EMPTY);
    }

    /// For the text of a heredoc that a COPY or ADD writes.
    public static Words ofHeredoc() {
        return new Words('\\', Quotes.ORDINARY, Unset.EMPTY);
    }

    /// For an instruction that is only shown: quotes stay, and so does what is not set.
    public static Words forDisplay(char escape) {
        return new Words(escape, Quotes.KEPT, Unset.REFERENCE);
    }

    /// @throws BadWordException if the word cannot be expanded
    public Expansion expand(String word, Environment environment) throws BadWordException {
        return new Lexer(this, word, environment).expand();
    }
}
