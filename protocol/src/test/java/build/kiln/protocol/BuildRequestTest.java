package build.kiln.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.protocol.BuildRequest.CacheScope;
import build.kiln.protocol.BuildRequest.Compression;
import build.kiln.protocol.BuildRequest.Output;
import build.kiln.protocol.BuildRequest.Source;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BuildRequestTest {

    private static final String ADVICE = "The builder image and the operator are of different releases; use a builder"
            + " image of the operator's own release (setting KILN_BUILDER_IMAGE).";

    @Test
    void everyKindOfSourceSurvivesTheWay() throws ProtocolMismatch {
        for (Source source : List.of(
                new Source.Inline(Map.of("Dockerfile", "FROM scratch\n", "a/ü.txt", "é\u0000")),
                new Source.Git("https://git.example.com/web.git", "main", true, "git-auth"),
                new Source.Git("https://git.example.com/web.git", null, false, null),
                new Source.Archive("https://example.com/web.tar.gz", "0".repeat(64), "archive-auth"),
                new Source.Archive("https://example.com/web.tar.gz", null, null),
                new Source.ConfigMap("files"),
                new Source.Image("registry.example.com/files:1", "pull"),
                new Source.Image("registry.example.com/files:1", null),
                new Source.Volume("src", "."))) {
            BuildRequest request = request(source);
            assertThat(BuildRequest.parse(request.toJson())).isEqualTo(request);
        }
    }

    @Test
    void equalRequestsAreWrittenEqually() {
        BuildRequest one = request(new Source.Inline(Map.of("a", "1", "b", "2", "c", "3")));
        assertThat(one.toJson())
                .isEqualTo("{\"version\":1,\"namespace\":\"team-a\",\"name\":\"web\",\"uid\":\"u-1\",\"generation\":3,"
                        + "\"attempt\":0,\"firstAttempt\":0,\"source\":{\"kind\":\"inline\",\"files\":{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}},"
                        + "\"contextDir\":\".\",\"dockerfile\":\"Dockerfile\",\"buildArgs\":{\"A\":\"\",\"B\":\"1\"},"
                        + "\"contexts\":{\"base\":\"docker-image://registry.example.com/base:1\"},"
                        + "\"secrets\":[{\"id\":\"npmrc\",\"secret\":\"npm\",\"key\":\".npmrc\"}],"
                        + "\"ssh\":[{\"id\":\"default\",\"secret\":\"deploy-key\"}],"
                        + "\"platform\":\"linux/amd64\",\"output\":{\"image\":\"registry.example.com/web:1\","
                        + "\"tags\":[\"latest\"],\"compression\":\"zstd\",\"predefinedAnnotations\":true,"
                        + "\"provenance\":{\"detail\":\"max\",\"builderId\":\"https://builders.example.com/kiln\"}},\"cache\":\"namespace\","
                        + "\"cacheLimits\":{\"maxBytes\":50000000000},\"cacheImports\":[\"registry.example.com/cache:1\"],\"cacheExports\":["
                        + "{\"reference\":\"registry.example.com/cache:2\",\"mode\":\"max\"}],"
                        + "\"isolation\":{\"minimum\":\"nested\",\"demandedBy\":\"spec.isolation.minimum\",\"leftOut\":[{\"rung\":\"userns\",\"reason\":\"hostUsers=false"
                        + " is not admitted.\"}]},\"pidsLimit\":20000,\"verify\":{\"run\":[\"/web\",\"--version\"],\"timeoutSeconds\":30,\"network\":\"none\"},"
                        + "\"timeoutSeconds\":3600}");
    }

    @Test
    void aFieldThatIsNotKnownIsRefusedByName() {
        String json = request(new Source.Volume("src", ".")).toJson();
        assertThatThrownBy(() -> BuildRequest.parse(json.replaceFirst("\\{", "{\"sign\":[],")))
                .isInstanceOf(ProtocolMismatch.class)
                .hasMessage("The build request has a field \"sign\" that this program does not know. " + ADVICE);
        assertThatThrownBy(() -> BuildRequest.parse(json.replace("\"tags\"", "\"sbom\":true,\"tags\"")))
                .hasMessage("The build request has a field \"sbom\" that this program does not know. " + ADVICE);
    }

    @Test
    void anotherVersionIsRefused() {
        assertThatThrownBy(() -> BuildRequest.parse("{\"version\":2,\"nobody\":\"knows\"}"))
                .hasMessage("The build request has version 2; this program takes version 1. " + ADVICE);
        assertThatThrownBy(() -> BuildRequest.parse("{\"version\":\"1\"}"))
                .hasMessage("The build request has version \"1\"; this program takes version 1. " + ADVICE);
        assertThatThrownBy(() -> BuildRequest.parse("{}"))
                .hasMessage("The build request has no version; this program takes version 1. " + ADVICE);
    }

    @Test
    void whatIsNoRequestIsRefused() {
        assertThatThrownBy(() -> BuildRequest.parse(""))
                .hasMessage("The build request is not a JSON object: it is empty.");
        assertThatThrownBy(() -> BuildRequest.parse("[]"))
                .hasMessage("The build request is not a JSON object: \"[]\".");
        assertThatThrownBy(() -> BuildRequest.parse("{\"version\":1"))
                .isInstanceOf(ProtocolMismatch.class)
                .hasMessageStartingWith("The build request cannot be read: Unexpected end-of-input");
        assertThatThrownBy(() -> BuildRequest.parse("{\"version\":1,\"namespace\":\"a\"}"))
                .isInstanceOf(ProtocolMismatch.class)
                .hasMessageStartingWith("The build request cannot be read: ");
    }

    @Test
    void aKindOfSourceThatIsNotKnownIsRefused() {
        String json = request(new Source.Volume("src", ".")).toJson().replace("\"volume\"", "\"bucket\"");
        assertThatThrownBy(() -> BuildRequest.parse(json))
                .isInstanceOf(ProtocolMismatch.class)
                .hasMessageContaining("'bucket'");
    }

    @Test
    void aFieldThatIsMissingIsNamed() {
        String json = request(new Source.Volume("src", ".")).toJson();
        assertThatThrownBy(() -> BuildRequest.parse(json.replace("\"uid\":\"u-1\",", "")))
                .hasMessage("The build request cannot be read: The field \"uid\" is missing or empty.");
        assertThatThrownBy(() -> BuildRequest.parse(json.replace("\"timeoutSeconds\":3600", "\"timeoutSeconds\":0")))
                .hasMessage(
                        "The build request cannot be read: The field \"timeoutSeconds\" is 0; it must be positive.");
        assertThatThrownBy(() -> BuildRequest.parse(json.replace("50000000000", "-1")))
                .hasMessage("The build request cannot be read: The field \"cacheLimits.maxBytes\" is -1; it must be"
                        + " positive.");
    }

    @Test
    void aRungThatIsNoneIsNamed() {
        String json = request(new Source.Volume("src", ".")).toJson();
        assertThatThrownBy(() -> BuildRequest.parse(json.replace("\"nested\"", "\"best\"")))
                .hasMessage("The build request cannot be read: The rung is \"best\"; there are userns, nested, chroot,"
                        + " assemble.");
    }

    @Test
    void aPartOfABuildSurvivesTheTrip() throws ProtocolMismatch {
        for (Part part : List.of(
                new Part.Platform(),
                new Part.BaseImages(List.of(new BaseImage("debian:12", "sha256:" + "3".repeat(64)))),
                new Part.Index(List.of(
                        new Part.Image("linux/amd64", "sha256:" + "1".repeat(64)),
                        new Part.Image("linux/arm64", "sha256:" + "2".repeat(64)))))) {
            BuildRequest request = request(new Source.Volume("src", ".")).withPart(part);
            assertThat(BuildRequest.parse(request.toJson())).isEqualTo(request);
        }
        String empty = request(new Source.Volume("src", "."))
                .toJson()
                .replace("\"verify\"", "\"part\":{\"kind\":\"index\",\"images\":[]},\"verify\"");
        assertThatThrownBy(() -> BuildRequest.parse(empty))
                .hasMessageContaining("The field \"part.images\" is empty; an index has an image at least.");
    }

    private static BuildRequest request(Source source) {
        return new BuildRequest(
                BuildRequest.VERSION,
                "team-a",
                "web",
                "u-1",
                3,
                0,
                0,
                source,
                ".",
                "Dockerfile",
                null,
                Map.of("B", "1", "A", ""),
                Map.of("base", "docker-image://registry.example.com/base:1"),
                List.of(new BuildRequest.RunSecret("npmrc", "npm", ".npmrc")),
                List.of(new BuildRequest.SshKey("default", "deploy-key")),
                "linux/amd64",
                new Output(
                        "registry.example.com/web:1",
                        List.of("latest"),
                        null,
                        Compression.ZSTD,
                        Map.of(),
                        Map.of(),
                        true,
                        new BuildRequest.Provenance(BuildRequest.Detail.MAX, "https://builders.example.com/kiln")),
                CacheScope.NAMESPACE,
                new BuildRequest.CacheLimits(50_000_000_000L, null),
                List.of("registry.example.com/cache:1"),
                List.of(new BuildRequest.CacheExport("registry.example.com/cache:2", BuildRequest.CacheMode.MAX)),
                new IsolationDemand(
                        Rung.NESTED,
                        "spec.isolation.minimum",
                        List.of(new LeftOutRung(Rung.USERNS, "hostUsers=false is not admitted."))),
                20_000,
                null,
                new BuildRequest.Verify(List.of("/web", "--version"), 30, BuildRequest.Network.NONE),
                3600);
    }
}
