package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `kiln build --call`.
class CallsTest {

    @TempDir
    private Path own;

    @BeforeEach
    void writeDockerfile() throws IOException {
        Files.writeString(own.resolve("Dockerfile"), """
                ARG MAJOR=3
                ARG RELEASE=$MAJOR.1
                ARG NOBODY=asks
                FROM base:${RELEASE} AS tools
                # MIRROR is where packages come from
                ARG MIRROR
                RUN --mount=type=secret,id=token-$MIRROR,required true

                FROM scratch AS other
                ARG UNSEEN=1

                # app is the finished program
                FROM scratch AS app
                ARG MAJOR
                COPY --from=tools /x /
                RUN --mount=type=ssh --mount=type=secret,target=/root/.npmrc true

                FROM app
                """);
    }

    @Test
    void anOutlineHasWhatTheTargetCanBeGiven() {
        assertThat(call("outline", "--target=app", "--build-arg=MIRROR=eu").out())
                .isEqualTo(String.join(
                        "\n",
                        "TARGET:      app",
                        "DESCRIPTION: is the finished program",
                        "",
                        "BUILD ARG   VALUE   DESCRIPTION",
                        "MAJOR       3       ",
                        "RELEASE     3.1     ",
                        "MIRROR      eu      is where packages come from",
                        "",
                        "SECRET     REQUIRED",
                        "token-eu   true",
                        ".npmrc     ",
                        "",
                        "SSH       REQUIRED",
                        "default   ",
                        "",
                        ""));
    }

    @Test
    void targetsAreListedWithTheirComments() {
        assertThat(call("targets").out())
                .isEqualTo(String.join(
                        "\n",
                        "TARGET    DESCRIPTION",
                        "tools     ",
                        "other     ",
                        "app       is the finished program",
                        "(default) ",
                        ""));
    }

    @Test
    void anAnswerInJsonHasTheLines() {
        JsonNode outline = json("outline,format=json", "--target=app");
        assertThat(outline.path("name").asText()).isEqualTo("app");
        assertThat(outline.path("args").get(2).path("name").asText()).isEqualTo("MIRROR");
        assertThat(line(outline.path("args").get(2))).isEqualTo(6);
        assertThat(outline.path("secrets").get(0).path("required").asBoolean()).isTrue();
        assertThat(line(outline.path("ssh").get(0))).isEqualTo(16);

        JsonNode targets = json("targets,format=json");
        assertThat(targets.path("targets")).hasSize(4);
        assertThat(targets.path("targets").get(3).path("default").asBoolean()).isTrue();
        assertThat(targets.path("targets").get(0).path("base").asText()).isEqualTo("base:${RELEASE}");
    }

    @Test
    void aCheckInJsonHasRuleAndLine() throws IOException {
        Files.writeString(own.resolve("Dockerfile"), "FROM scratch\nMAINTAINER me\n");
        CommandLineRun run = call("check,format=json");

        assertThat(run.status()).isEqualTo(1);
        JsonNode warning = Json.parse(run.out().getBytes(StandardCharsets.UTF_8))
                .path("warnings")
                .get(0);
        assertThat(warning.path("ruleName").asText()).isEqualTo("MaintainerDeprecated");
        assertThat(line(warning)).isEqualTo(2);
    }

    @Test
    void anUnknownMethodIsRefusedWithTheNearestOne() {
        assertThat(call("target").lastWord())
                .isEqualTo("ERROR: RequestInvalid: --call target: there is no method \"target\". Did you mean"
                        + " \"targets\"?");
        assertThat(call("outline,format=yaml").lastWord())
                .isEqualTo("ERROR: RequestInvalid: --call outline,format=yaml: \"format=yaml\" is no format. Write"
                        + " outline,format=json or outline,format=text.");
    }

    private JsonNode json(String call, String... flags) {
        return Json.parse(call(call, flags).out().getBytes(StandardCharsets.UTF_8));
    }

    private static int line(JsonNode node) {
        return node.path("location")
                .path("ranges")
                .get(0)
                .path("start")
                .path("line")
                .asInt();
    }

    private CommandLineRun call(String call, String... flags) {
        List<String> arguments = new ArrayList<>(List.of("build", "--call=" + call));
        arguments.addAll(List.of(flags));
        arguments.add(own.toString());
        return CommandLineRun.of(own, Map.of(), arguments);
    }
}
