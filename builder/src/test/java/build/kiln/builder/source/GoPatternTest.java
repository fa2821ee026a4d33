package build.kiln.builder.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoPatternTest {

    @ParameterizedTest
    @CsvSource({
        "abc, abc, true",
        "*, abc, true",
        "*c, abc, true",
        "a*, a, true",
        "a*, abc, true",
        "ab[c], abc, true",
        "ab[b-d], abc, true",
        "ab[e-g], abc, false",
        "ab[^c], abc, false",
        "ab[^b-d], abc, false",
        "ab[^e-g], abc, true",
        "a\\*b, a*b, true",
        "a\\*b, ab, false",
        "a?b, a☺b, true",
        "a[^a]b, a☺b, true",
        "a???b, a☺b, false",
        "[a-ζ]*, α, true",
        "*[a-ζ], A, false",
        "[\\]a], ], true",
        "[\\-], -, true",
        "[x\\-], x, true",
        "[x\\-], z, false",
        "[\\-x], a, false",
        "*x, xxx, true",
        "a*b*c*d*e*, axbxcxdxexxx, true",
        "a*b?c*x, abxbbxdbxebxczzx, true",
        "a*b?c*x, abxbbxdbxebxczzy, false",
        "'', a, false",
    })
    void matchesAsGoDoes(String pattern, String name, boolean matches) throws GoPattern.Malformed {
        assertThat(GoPattern.parse(pattern).matches(name)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({"[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "[]", "a\\"})
    void refusesWhatGoRefuses(String pattern) {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> GoPattern.parse(pattern))
                .isInstanceOf(GoPattern.Malformed.class);
    }

    @ParameterizedTest
    @CsvSource({"a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"})
    @Timeout(1)
    void manyStarsAreNotSlow(String pattern) throws GoPattern.Malformed {
        assertThat(GoPattern.parse(pattern).matches("a".repeat(5000))).isFalse();
    }
}
