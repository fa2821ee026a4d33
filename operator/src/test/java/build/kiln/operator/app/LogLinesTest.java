package build.kiln.operator.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LogLinesTest {

    private static final Map<String, String> OF_A_BUILD = Map.of(
            "resource.namespace", "team-a", "resource.name", "web", "resource.generation", "3", "resource.uid", "u-1");

    @Test
    void aLineIsOneFlatObjectWithWhatItIsAbout() throws IOException {
        String line = line(
                OF_A_BUILD,
                null,
                new KeyValuePair("phase", "Failed"),
                new KeyValuePair("reason", "RunFailed"),
                new KeyValuePair("attempt", 2),
                new KeyValuePair("step", "RUN make"));
        assertThat(line)
                .isEqualTo(
                        "{\"time\":\"2026-03-01T12:00:00Z\",\"level\":\"INFO\",\"message\":\"It broke \\\"here\\\".\","
                                + "\"logger\":\"build.kiln\",\"generation\":\"3\",\"name\":\"web\",\"namespace\":\"team-a\","
                                + "\"phase\":\"Failed\",\"reason\":\"RunFailed\",\"attempt\":2,\"step\":\"RUN make\"}\n");
    }

    @Test
    void aTraceIsPartOfTheObjectAndOfOneLine() throws IOException {
        String line = line(Map.of(), new IllegalStateException("first\nsecond"));
        assertThat(line.lines()).hasSize(1);
        JsonNode read = new ObjectMapper().readTree(line);
        assertThat(read.path("error").asText()).startsWith("java.lang.IllegalStateException: first");
        assertThat(read.has("namespace")).isFalse();
    }

    @Test
    void everyKeyIsInTheManual() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "operator.md"));
        String logs = page.substring(page.indexOf("\n## Logs"));
        Set<String> keys = keysOfTheSources();
        assertThat(keys).contains("phase", "reason", "attempt", "pod", "step");
        keys.addAll(List.of("time", "level", "message", "logger", "namespace", "name", "generation", "error"));
        for (String key : keys) {
            assertThat(logs).contains("| `" + key + "` |");
        }
    }

    private static Set<String> keysOfTheSources() throws IOException {
        Set<String> keys = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                Pattern.compile("addKeyValue\\(\\s*\"([^\"]+)\"")
                        .matcher(Files.readString(file))
                        .results()
                        .forEach(match -> keys.add(match.group(1)));
            }
        }
        return keys;
    }

    private static String line(Map<String, String> context, @Nullable Throwable error, KeyValuePair... pairs) {
        LoggerContext loggers = new LoggerContext();
        LoggingEvent event = new LoggingEvent(
                "test", loggers.getLogger("build.kiln"), Level.INFO, "It broke {}.", error, new Object[] {"\"here\""});
        event.setTimeStamp(1_772_366_400_000L);
        event.setMDCPropertyMap(context);
        event.setKeyValuePairs(List.of(pairs));
        return new String(new LogLines().encode(event), StandardCharsets.UTF_8);
    }
}
