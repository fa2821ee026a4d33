package build.kiln.builder.dockerfile.words;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class WordsPropertyTest {

    private static Expansion expand(String word) throws BadWordException {
        return Words.ofInstruction('\\').expand(word, Environment.empty());
    }

    @Property
    void singleQuotesKeepAnyText(@ForAll String text) throws BadWordException {
        String quotable = text.replace("'", "").replace("\uFEFF", "");
        assertThat(expand("'" + quotable + "'").text()).isEqualTo(quotable);
    }

    @Property
    void escapingEveryLetterKeepsAnyText(@ForAll String text) throws BadWordException {
        String escaped = text.codePoints()
                .mapToObj(point -> "\\" + Character.toString(point))
                .collect(Collectors.joining());
        assertThat(expand(escaped).text()).isEqualTo(text);
    }

    @Property
    void quotedWordsComeBackOneByOne(
            @ForAll @Size(max = 6)
                    List<@NotEmpty @CharRange(from = ' ', to = '&') @CharRange(from = '(', to = '~') String> words)
            throws BadWordException {
        String line = words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        assertThat(expand(line).words()).isEqualTo(words);
    }

    /// The JDK's regular expressions as the oracle, on patterns that they can do in time.
    @Property
    void patternsCutWhatARegularExpressionFinds(
            @ForAll @StringLength(max = 6) @Chars({'a', 'b', '*', '?'}) String pattern,
            @ForAll @StringLength(max = 8) @Chars({'a', 'b', 'c', '\n'}) String value)
            throws BadWordException {
        Environment environment = Environment.of(Map.of("V", value));
        String greedy = pattern.replace("?", ".").replace("*", ".*");
        String reluctant = pattern.replace("?", ".").replace("*", ".*?");
        assertThat(Words.ofInstruction('\\')
                        .expand("${V##" + pattern + "}", environment)
                        .text())
                .isEqualTo(cutFront(greedy, value));
        if (!pattern.startsWith("#")) {
            assertThat(Words.ofInstruction('\\')
                            .expand("${V#" + pattern + "}", environment)
                            .text())
                    .isEqualTo(cutFront(reluctant, value));
        }
        if (pattern.isEmpty()) {
            // "//" is another form.
            return;
        }
        Matcher first = Pattern.compile("(?d)" + greedy).matcher(value);
        assertThat(Words.ofInstruction('\\')
                        .expand("${V/" + pattern + "/X}", environment)
                        .text())
                .isEqualTo(first.replaceFirst("X"));
    }

    private static String cutFront(String expression, String value) {
        Matcher matcher = Pattern.compile("(?d)" + expression).matcher(value);
        return matcher.lookingAt() ? value.substring(matcher.end()) : value;
    }

    @Property
    void theNearestWordIsNeverFartherThanTwoChanges(
            @ForAll @StringLength(max = 6) @Chars({'a', 'b', 'c'}) String written,
            @ForAll @Size(max = 5) List<@StringLength(max = 6) @Chars({'a', 'b', 'c'}) String> valid) {
        NearestWord.to(written, valid)
                .ifPresent(word -> assertThat(NearestWord.distance(written, word))
                        .isLessThanOrEqualTo(2)
                        .isEqualTo(valid.stream()
                                .mapToInt(other -> NearestWord.distance(written, other))
                                .min()
                                .orElseThrow()));
    }
}
