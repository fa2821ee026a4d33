package build.kiln.builder.dockerfile;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the reference implementation answers, for tests that want all of it. It is no part of this repository.
public final class ConformanceData {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path ROOT = Path.of("..", "..", "shared", "conformance");

    private ConformanceData() {}

    /// Skips the test that calls it if the data is not on this machine.
    public static Path path(String name) {
        Path path = ROOT.resolve(name);
        assumeTrue(
                Files.exists(path),
                "The reference implementation's answers are not on this machine (looked for "
                        + path.toAbsolutePath().normalize() + "); the project's own cases have run.");
        return path;
    }

    public static List<JsonNode> lines(String name) {
        try (var lines = Files.lines(path(name))) {
            return lines.map(ConformanceData::json).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
