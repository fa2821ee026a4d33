package build.kiln.builder.cache;

import build.kiln.builder.cache.file.BoundedFile;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How a step failed the last time, for those who wait for it.
///
/// @param runners the builders that had this failure one right after the other, by their names; two at the most, the
///     last one last
/// @param exitCode with which each of them saw it end
/// @param lastLines of what it printed for the last of them
public record FailedStep(List<String> runners, int exitCode, List<String> lastLines) {

    private static final int MOST_BYTES = 64 << 10;

    /// As many as it takes to tell a failure of the step from an accident of one builder.
    private static final int ENOUGH = 2;

    public FailedStep {
        runners = List.copyOf(runners.subList(Math.max(0, runners.size() - ENOUGH), runners.size()));
        lastLines = List.copyOf(lastLines);
    }

    /// Whether a second builder has tried and had the same failure.
    public boolean isConfirmed() {
        return runners.size() == ENOUGH;
    }

    /// @throws IOException if it cannot be read, or is too large for one
    /// @throws IllegalArgumentException if it is not one
    static FailedStep read(Path file) throws IOException {
        JsonNode node = Json.parse(BoundedFile.read(file, MOST_BYTES));
        return new FailedStep(texts(node, "runners"), (int) Json.number(node, "exitCode"), texts(node, "lastLines"));
    }

    private static List<String> texts(JsonNode node, String member) {
        List<String> all = new ArrayList<>();
        node.path(member).forEach(each -> all.add(each.asText()));
        return all;
    }

    byte[] toJson() {
        ObjectNode node = Json.object();
        ArrayNode names = node.putArray("runners");
        runners.forEach(names::add);
        node.put("exitCode", exitCode);
        ArrayNode lines = node.putArray("lastLines");
        lastLines.forEach(lines::add);
        return Json.bytes(node);
    }
}
