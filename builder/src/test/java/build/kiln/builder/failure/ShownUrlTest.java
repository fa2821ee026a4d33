package build.kiln.builder.failure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShownUrlTest {

    @ParameterizedTest
    @CsvSource({
        "https://ann:s3cret@h.example/f?token=s3cret#x, https://h.example/f",
        "https://ann:s3@cret@h.example/f, https://h.example/f",
        "https://ann:s3/cr@et@h.example/f, https://h.example/f",
        "ssh://git@h.example/a.git, ssh://h.example/a.git",
        "https://s3cret@h.example/f, https://h.example/f",
        "https://h.example/@scope/pkg, https://h.example/@scope/pkg",
        "https://h.example:8080/@scope/pkg, https://h.example:8080/@scope/pkg",
        "http://[::1]:80/@scope/pkg, http://[::1]:80/@scope/pkg",
        "https://h.example?mail=a@b, https://h.example",
    })
    void aUrlIsShownWithoutPasswordAndToken(String url, String shown) {
        assertThat(ShownUrl.bare(url)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "ADD https://ann:s3cret@h.example/f?token=s3cret /f, ADD https://h.example/f /f",
        "ADD https://a:s@h.example/f https://b:s@h.example/g@2 /f, ADD https://h.example/f https://h.example/g@2 /f",
        "ADD https://h.example/a.git?tag=v1 /f, ADD https://h.example/a.git?tag=v1 /f",
        "COPY https://h.example:99/f user@host /, COPY https://h.example:99/f user@host /",
        "LABEL mail=ann@h.example, LABEL mail=ann@h.example",
    })
    void aTextKeepsWhatIsNoSecret(String text, String shown) {
        assertThat(ShownUrl.inText(text)).isEqualTo(shown);
    }

    @Test
    void aLongTextTakesNoTime() {
        String text = "https://a:".repeat(1_000);
        assertThat(ShownUrl.inText(text)).isEqualTo(text);
    }
}
