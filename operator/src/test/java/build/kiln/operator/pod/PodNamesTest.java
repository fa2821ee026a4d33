package build.kiln.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PodNamesTest {

    @Test
    void aPodIsNamedAfterBuildGenerationAndAttempt() {
        assertThat(PodNames.of("web", 3, "", 0)).isEqualTo("web-3-0");
        assertThat(PodNames.of("web.v1", 12, "", 10)).isEqualTo("web.v1-12-10");
    }

    @Test
    void aPartOfABuildForSeveralPlatformsHasItsOwnPods() {
        assertThat(PodNames.of("web", 3, new PodPart.Platform("linux/arm/v7").word(), 1))
                .isEqualTo("web-3-linux-arm-v7-1");
        assertThat(PodNames.of("web", 3, PodPart.INDEX, 0)).isEqualTo("web-3-index-0");
        assertThat(PodNames.of("a".repeat(100), 3, "linux-amd64", 0))
                .hasSize(63)
                .endsWith("-3-linux-amd64-0");
    }

    @Test
    void aLongNameIsShortenedToAHostNameAndStaysUnique() {
        Set<String> names = new HashSet<>();
        for (int length = 40; length <= 253; length++) {
            for (String name : new String[] {"a".repeat(length), "a".repeat(length - 1) + "b"}) {
                for (long generation : new long[] {1, 11, 123_456}) {
                    String pod = PodNames.of(name, generation, "", 3);
                    assertThat(pod).hasSizeLessThanOrEqualTo(63).matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
                    assertThat(pod).endsWith("-" + generation + "-3");
                    assertThat(names.add(pod)).as(name).isTrue();
                }
            }
        }
    }

    @Test
    void whereANameIsCutNoDotOrHyphenStays() {
        for (int start = 30; start < 63; start++) {
            for (String mark : new String[] {".", "-", "--"}) {
                String name = "a".repeat(start) + mark + "b".repeat(80);
                assertThat(PodNames.of(name, 1, "", 0)).doesNotContain(".-").doesNotContain("b--");
                assertThat(PodNames.label(name)).hasSizeLessThanOrEqualTo(63).matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
                assertThat(PodNames.of(name, 1, "", 0)).matches("a+[-.]*b*-[0-9a-f]{8}-1-0");
            }
        }
    }
}
