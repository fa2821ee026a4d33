package build.kiln.builder.dockerfile.words;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class WordsTest {

    private static final Environment ENVIRONMENT = Environment.of(
            Map.of("NAME", "web", "EMPTY", "", "PATH", "/usr/local/bin", "LIST", "a b  c", "TEMPLATE", "<$0$$$x>"));

    private static String text(String word) throws BadWordException {
        return Words.ofInstruction('\\').expand(word, ENVIRONMENT).text();
    }

    @Test
    void variablesStandInEveryForm() throws BadWordException {
        assertThat(text("$NAME-${NAME}")).isEqualTo("web-web");
        assertThat(text("${NONE:-x}${EMPTY:-y}${EMPTY-z}")).isEqualTo("xy");
        assertThat(text("${NAME:+x}${EMPTY:+y}${EMPTY+z}")).isEqualTo("xz");
        assertThat(text("${PATH#*/}|${PATH##*/}|${PATH%/*}|${PATH%%/*}")).isEqualTo("usr/local/bin|bin|/usr/local|");
        assertThat(text("${PATH/l/L}|${PATH//l/L}|${PATH//\\//:}"))
                .isEqualTo("/usr/Local/bin|/usr/LocaL/bin|:usr:local:bin");
        assertThat(text("${NONE:-${NAME:+$PATH}}")).isEqualTo("/usr/local/bin");
    }

    @Test
    void quotesAndEscapesProtect() throws BadWordException {
        assertThat(text("'$NAME' \"$NAME\" \\$NAME")).isEqualTo("$NAME web $NAME");
        assertThat(Words.ofInstruction('`')
                        .expand("`$NAME \\$NAME", ENVIRONMENT)
                        .text())
                .isEqualTo("$NAME \\web");
    }

    @Test
    void wordsAreCutAtBlanksOutsideOfQuotes() throws BadWordException {
        assertThat(Words.ofInstruction('\\')
                        .expand("$LIST \"$LIST\"", ENVIRONMENT)
                        .words())
                .isEqualTo(List.of("a", "b", "c", "a b  c"));
    }

    @Test
    void namesThatWereAskedForAreReported() throws BadWordException {
        Expansion expansion = Words.ofInstruction('\\').expand("$NAME $NONE ${EMPTY:-$OTHER}", ENVIRONMENT);
        assertThat(expansion.matched()).containsExactly("NAME", "EMPTY");
        assertThat(expansion.unmatched()).containsExactly("NONE", "OTHER");
    }

    @Test
    void inAHeredocQuotesAreOrdinaryLetters() throws BadWordException {
        assertThat(Words.ofHeredoc()
                        .expand("it's \"$NAME\" \\$NAME", ENVIRONMENT)
                        .text())
                .isEqualTo("it's \"web\" $NAME");
    }

    @Test
    void forDisplayQuotesAndUnsetVariablesStay() throws BadWordException {
        assertThat(Words.forDisplay('\\')
                        .expand("\"$NAME\" '$X' ${NONE} ${NONE:-x} $NONE", ENVIRONMENT)
                        .text())
                .isEqualTo("\"web\" '$X' ${NONE} ${NONE:-x} $NONE");
    }

    @Test
    void inAReplacementOfAllDollarNamesMeanWhatWasFound() throws BadWordException {
        assertThat(text("${NAME//e/$TEMPLATE}")).isEqualTo("w<e$>b");
        assertThat(text("${NAME/e/$TEMPLATE}")).isEqualTo("w<$0$$$x>b");
    }

    @Test
    void patternsOfManyStarsTakeNoTime() {
        Environment environment = Environment.of(Map.of("V", "a".repeat(20_000)));
        String word = "${V//" + "*a".repeat(100) + "b/x}";
        Assertions.assertTimeout(
                Duration.ofMillis(900), () -> Words.ofInstruction('\\').expand(word, environment));
    }

    @Test
    void whatCannotBeExpandedSaysWhy() {
        bad("a\"b", "\"a\"b\" cannot be expanded: it opens a double quote (\") and does not close it");
        bad("a'b", "\"a'b\" cannot be expanded: it opens a single quote (') and does not close it");
        bad("${NAME", "\"${NAME\" cannot be expanded: there is no \"}\" that ends its ${");
        bad("${NAME:-x", "\"${NAME:-x\" cannot be expanded: there is no \"}\" that ends its ${");
        bad("${}", "\"${}\" cannot be expanded: there is no variable's name after ${");
        bad(
                "${NAME^^}",
                "\"${NAME^^}\" cannot be expanded: \"^\" after \"${NAME\" is not one of the modifiers"
                        + " -, :-, +, :+, ?, :?, #, ##, %, %%, / and //");
        bad(
                "${NAME:1}",
                "\"${NAME:1}\" cannot be expanded: \":1\" after \"${NAME\" is not one of the modifiers"
                        + " -, :-, +, :+, ?, :?, #, ##, %, %%, / and //");
        bad(
                "${NONE:?say which}",
                "\"${NONE:?say which}\" cannot be expanded: the variable \"NONE\" is not set:" + " say which");
        bad("${EMPTY:?}", "\"${EMPTY:?}\" cannot be expanded: the variable \"EMPTY\" is empty");
        bad(
                "${NAME#\\w}",
                "The pattern \"\\w\" cannot be used: a backslash may only stand before *, ?, /, } and"
                        + " another backslash");
        bad(
                "${A:-".repeat(300) + "}".repeat(300),
                "\"" + "${A:-".repeat(40) + "…\" cannot be expanded: it nests ${…} more than 200 deep");
    }

    private static void bad(String word, String message) {
        assertThatThrownBy(() -> text(word))
                .isInstanceOf(BadWordException.class)
                .hasMessage(message);
    }
}
