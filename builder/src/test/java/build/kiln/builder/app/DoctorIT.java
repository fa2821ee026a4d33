package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Json;
import build.kiln.builder.sandbox.InNamespaces;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorIT {

    private static final Path PAGE = Path.of("..", "docs", "doctor.md");

    @TempDir
    Path folder;

    private record Answer(int status, List<String> lines) {}

    private Answer doctor(Map<String, String> variables, String... more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        Map<String, String> all = new HashMap<>(variables);
        all.put("HOME", folder.toString());
        List<String> arguments = new java.util.ArrayList<>(List.of("doctor", "--cache-dir=" + folder.resolve("cache")));
        arguments.addAll(List.of(more));
        int status =
                Kiln.run(new Environment(all, stream, stream, Clock.systemUTC()), arguments.toArray(String[]::new));
        return new Answer(status, out.toString(StandardCharsets.UTF_8).lines().toList());
    }

    /// The first words of each line: what they are about.
    private static List<String> subjects(List<String> lines) {
        return lines.stream()
                .map(line -> line.substring(0, Math.min(16, line.length())).strip())
                .toList();
    }

    @Test
    @InNamespaces
    void theExampleOfThePageIsWhatItPrints() throws Exception {
        String page = Files.readString(PAGE);
        int start = page.indexOf("```text\n") + 8;
        List<String> example =
                page.substring(start, page.indexOf("\n```", start)).lines().toList();
        Answer answer = doctor(Map.of());
        assertThat(answer.status()).isZero();
        assertThat(subjects(answer.lines())).isEqualTo(subjects(example));
        assertThat(answer.lines().subList(0, 5)).isEqualTo(example.subList(0, 5));
    }

    @Test
    void withoutNamespacesTheReasonAndTheStatusSaySo() throws Exception {
        Answer answer = doctor(Map.of("KILN_NAMESPACES_REFUSED", "they are switched off."));
        assertThat(answer.lines()).contains("  userns        no. they are switched off.");
        // In the namespaces of these tests nobody makes device nodes.
        assertThat(answer.status()).isIn(0, 71);

        JsonNode json = Json.parse(String.join(
                        "\n",
                        doctor(Map.of("KILN_NAMESPACES_REFUSED", "they are switched off."), "--json")
                                .lines())
                .getBytes(StandardCharsets.UTF_8));
        assertThat(json.path("leftOut").path(0).path("rung").asText()).isEqualTo("userns");
        assertThat(json.path("leftOut").path(0).path("reason").asText()).isEqualTo("they are switched off.");
        assertThat(json.path("facts").path("kernel").asText()).startsWith("Linux ");
        assertThat(json.path("runWorks").asBoolean()).isEqualTo(answer.status() == 0);
    }
}
