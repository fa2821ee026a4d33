package build.kiln.builder.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {

    @ParameterizedTest
    @CsvSource({
        "linux/amd64, linux/amd64",
        "LINUX/X86_64, linux/amd64",
        "linux/amd64/v1, linux/amd64",
        "linux/amd64/v3, linux/amd64/v3",
        "linux/arm64/8, linux/arm64",
        "linux/arm64/v9.2, linux/arm64/v9.2",
        "linux/arm, linux/arm/v7",
        "linux/arm/6, linux/arm/v6",
        "linux/armel, linux/arm/v6",
        "linux/i386/x, linux/386",
        "arm64, linux/arm64",
        "macos/arm64, darwin/arm64",
        "windows(10.0.20348.1006)/amd64, windows(10.0.20348.1006)/amd64",
        "windows()/amd64, windows/amd64",
        "windows(1.2-Beta%2B3)/bar/Baz, windows(1.2-Beta%2B3)/bar/baz",
    })
    void textIsReadAndWrittenInNormalForm(String text, String normal) {
        assertThat(Platform.parse(text)).hasToString(normal);
        assertThat(Platform.parse(normal)).isEqualTo(Platform.parse(text));
    }

    @Test
    void systemAloneIsForTheArchitectureOfThisMachine() {
        Platform windows = Platform.parse("windows(10.0.17763)");

        assertThat(windows.os()).isEqualTo("windows");
        assertThat(windows.osVersion()).isEqualTo("10.0.17763");
        assertThat(windows.architecture()).isEqualTo(Platform.ofThisMachine().architecture());
    }

    @Test
    void percentInVersionStandsForTheCharacterItself() {
        assertThat(Platform.parse("windows(1%2F2)/amd64").osVersion()).isEqualTo("1/2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "linux/",
                "linux/amd64/v1/x",
                "linux/am d64",
                "windows(1/amd64",
                "windows 1/amd64",
                "*/amd64",
                "windows(1%2)/amd64",
                "windows(1+win32k)/amd64",
                "linux(5.4)/",
                "foo",
                "amd64(1)"
            })
    void otherTextsAreRefused(String text) {
        assertThatThrownBy(() -> Platform.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("platform \"" + text + "\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "linux/amd64 | linux/386 linux/amd64 | linux/amd64",
                "linux/amd64 | linux/arm64 linux/386 | linux/386",
                "linux/amd64/v3 | linux/amd64 linux/amd64/v4 linux/amd64/v2 | linux/amd64/v2",
                "linux/arm/v7 | linux/arm/v5 linux/arm/v8 linux/arm/v6 | linux/arm/v6",
                "linux/arm64 | linux/arm/v7 linux/arm/v6 | linux/arm/v7",
                "linux/arm64 | linux/arm/v7 linux/arm64/v8 | linux/arm64",
                "linux/arm64/v9 | linux/arm64/v8.6 linux/arm64/v8.4 linux/arm64 | linux/arm64/v8.4",
                "linux/s390x | linux/amd64 | none",
                "linux/amd64 | windows/amd64 | none",
                "windows/amd64 | windows(10.0.20348.1)/amd64 windows(10.0.17763.2)/amd64 | windows(10.0.20348.1)/amd64",
                "windows(10.0.17763.9)/amd64 | windows(10.0.20348.1)/amd64 windows(10.0.17763.2)/amd64 "
                        + "| windows(10.0.17763.2)/amd64",
                "windows(10.0.26100.1)/amd64 | windows(10.0.17763.2)/amd64 windows(10.0.20348.1)/amd64 "
                        + "| windows(10.0.20348.1)/amd64",
                "windows(10.0.20348.1)/amd64 | windows(10.0.26100.1)/amd64 | none",
                "windows(1.1.0)/bar | windows(1.2.3)/bar windows(1.1.0)/bar | windows(1.1.0)/bar",
                "windows(1.1.0)/bar | windows/bar | windows/bar",
                "linux(1)/amd64 | linux(2)/amd64 | linux(2)/amd64",
            })
    void indexGivesTheImageThatRunsBest(String wanted, String has, String chosen) {
        List<Descriptor> manifests = Stream.of(has.split(" "))
                .map(text -> new Descriptor(
                                MediaTypes.OCI_MANIFEST, Digest.of(text.getBytes(StandardCharsets.US_ASCII)), 1)
                        .withPlatform(Platform.parse(text)))
                .toList();
        ImageIndex index = ImageIndex.parse(new ImageIndex(MediaTypes.OCI_INDEX, manifests, Map.of()).toJson());

        assertThat(index.select(Platform.parse(wanted))
                        .map(one -> String.valueOf(one.platform()))
                        .orElse("none"))
                .isEqualTo(chosen);
    }
}
