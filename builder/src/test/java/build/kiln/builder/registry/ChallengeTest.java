package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChallengeTest {

    @Test
    void bearerIsRead() {
        assertThat(Challenge.parse(List.of("Bearer realm=\"https://auth.example.com/token\",service=\"registry\","
                        + "scope=\"repository:a/b:pull,push repository:c:pull\",error=\"invalid_token\"")))
                .isEqualTo(new Challenge.Bearer(
                        URI.create("https://auth.example.com/token"),
                        "registry",
                        List.of("repository:a/b:pull,push", "repository:c:pull")));
    }

    @Test
    void tokenComesBeforePassword() {
        Challenge bearer = new Challenge.Bearer(URI.create("https://a.example.com/t"), "", List.of());
        assertThat(Challenge.parse(List.of("Basic realm=\"x\"", "bearer realm=\"https://a.example.com/t\"")))
                .isEqualTo(bearer);
        assertThat(Challenge.parse(List.of("Basic realm=\"a, Bearer b\", Bearer realm=https://a.example.com/t")))
                .isEqualTo(bearer);
    }

    @Test
    void schemesThatAreUnknownAreSkipped() {
        assertThat(Challenge.parse(List.of("Negotiate, Basic realm=\"x\""))).isEqualTo(new Challenge.Basic());
        assertThat(Challenge.parse(List.of("Digest realm=\"x\", nonce=\"y\""))).isInstanceOf(Challenge.Unknown.class);
        assertThat(Challenge.parse(List.of())).isInstanceOf(Challenge.Unknown.class);
    }

    @Test
    void realmThatIsNoUrlIsUnknown() {
        assertThat(Challenge.parse(List.of("Bearer realm=\"not a url\""))).isInstanceOf(Challenge.Unknown.class);
        assertThat(Challenge.parse(List.of("Bearer service=\"x\""))).isInstanceOf(Challenge.Unknown.class);
        assertThat(Challenge.parse(List.of("Bearer realm=\"https://user:pw@a.example.com/\"")))
                .isInstanceOf(Challenge.Unknown.class);
    }

    @Test
    void longRubbishIsReadInLinearTime() {
        assertThat(Challenge.parse(List.of("a=,".repeat(20_000)))).isInstanceOf(Challenge.Unknown.class);
        assertThat(Challenge.parse(List.of("Bearer " + "\"\\".repeat(20_000)))).isInstanceOf(Challenge.Unknown.class);
    }
}
