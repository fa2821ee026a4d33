package build.kiln.builder.dockerfile.parser;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The words with which an instruction can begin.
public enum Keyword {
    ADD(Form.JSON_OR_WORDS),
    ARG(Form.QUOTED_WORDS),
    CMD(Form.JSON_OR_LINE),
    COPY(Form.JSON_OR_WORDS),
    ENTRYPOINT(Form.JSON_OR_LINE),
    ENV(Form.PAIRS),
    EXPOSE(Form.WORDS),
    FROM(Form.WORDS),
    HEALTHCHECK(Form.TYPE_AND_COMMAND),
    LABEL(Form.PAIRS),
    MAINTAINER(Form.LINE),
    ONBUILD(Form.INSTRUCTION),
    RUN(Form.JSON_OR_LINE),
    SHELL(Form.JSON_OR_LINE),
    STOPSIGNAL(Form.LINE),
    USER(Form.LINE),
    VOLUME(Form.JSON_OR_WORDS),
    WORKDIR(Form.LINE);

    /// How what follows the word is cut.
    enum Form {
        /// One argument, blanks and all.
        LINE,
        /// Arguments divided by blanks; quotes mean nothing.
        WORDS,
        /// Arguments divided by blanks outside of quotes; the quotes stay.
        QUOTED_WORDS,
        /// `name=value …`, or the old `name value`.
        PAIRS,
        /// A JSON array of strings, else one line.
        JSON_OR_LINE,
        /// A JSON array of strings, else words.
        JSON_OR_WORDS,
        /// A word, then a JSON array of strings or a line.
        TYPE_AND_COMMAND,
        /// An instruction in an instruction.
        INSTRUCTION
    }

    private final Form form;

    Keyword(Form form) {
        this.form = form;
    }

    Form form() {
        return form;
    }

    /// Upper and lower case do not matter.
    public static Optional<Keyword> of(String word) {
        String upper = word.toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(keyword -> keyword.name().equals(upper))
                .findFirst();
    }

    /// All names, in upper case.
    public static List<String> names() {
        return Arrays.stream(values()).map(Keyword::name).toList();
    }

    boolean canHaveHeredocs() {
        return this == ADD || this == COPY || this == RUN;
    }
}
