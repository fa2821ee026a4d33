package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrontendTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docker/dockerfile:1",
                "docker/dockerfile-upstream:master",
                "registry.example.com:5000/mirror/dockerfile:1.4-labs",
                "docker.io/docker/dockerfile@sha256:abc",
                "docker/dockerfile:1 with words",
                "dockerfile"
            })
    void dockersOwnIsRead(String image) {
        assertThatCode(() -> check("# syntax=" + image + "\nFROM scratch\n")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"foobar", "docker/dockerfile/other:1", "example.com/mydockerfile", "docker/buildpack:1"})
    void otherLanguageIsRefused(String image) {
        assertThatThrownBy(() -> check("# escape=\\\n# syntax=" + image + "\nFROM scratch\n"))
                .isInstanceOfSatisfying(
                        DockerfileFailure.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.NotSupportedYet))
                .hasMessage("Dockerfile:2: The directive syntax gives this file to the frontend \"" + image
                        + "\", and Kiln reads the language of docker/dockerfile alone. Remove the line if the file is a"
                        + " plain Dockerfile.");
    }

    @Test
    void theBuildArgumentCountsInsteadOfTheDirective() {
        Map<String, String> another = Map.of("BUILDKIT_SYNTAX", "example.com/buildpack:1");
        assertThatThrownBy(() -> check("# syntax=docker/dockerfile:1\nFROM scratch\n", another))
                .isInstanceOfSatisfying(
                        RequestFailure.class,
                        failure -> assertThat(failure.reason()).isEqualTo(Reason.NotSupportedYet))
                .hasMessage("build argument BUILDKIT_SYNTAX: it gives the Dockerfile to the frontend"
                        + " \"example.com/buildpack:1\", and Kiln reads the language of docker/dockerfile alone."
                        + " Remove it if the file is a plain Dockerfile.");
        Map<String, String> dockers = Map.of("BUILDKIT_SYNTAX", "docker/dockerfile:1.20");
        assertThatCode(() -> check("# syntax=foobar\nFROM scratch\n", dockers)).doesNotThrowAnyException();
    }

    @Test
    void noDirectiveIsNoFrontend() {
        assertThatCode(() -> check("FROM scratch\n")).doesNotThrowAnyException();
    }

    private static void check(String dockerfile) {
        check(dockerfile, Map.of());
    }

    private static void check(String dockerfile, Map<String, String> buildArgs) {
        Frontend.check(Dockerfile.parse("Dockerfile", dockerfile.getBytes(StandardCharsets.UTF_8)), buildArgs);
    }
}
