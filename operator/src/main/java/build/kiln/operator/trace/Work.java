package build.kiln.operator.trace;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A stretch of time in which something was done, and what that consisted of.
///
/// @param name of few kinds, for people
/// @param attributes by their names in OpenTelemetry's conventions, where these have one
/// @param failure what went wrong, if anything did
public record Work(
        String name,
        Instant start,
        Instant end,
        Map<String, String> attributes,
        Optional<String> failure,
        List<Work> parts) {

    public Work {
        attributes = new TreeMap<>(attributes);
        parts = List.copyOf(parts);
        end = end.isBefore(start) ? start : end;
    }

    public static Work of(String name, Instant start, Instant end) {
        return new Work(name, start, end, Map.of(), Optional.empty(), List.of());
    }

    public Work with(String attribute, String value) {
        Map<String, String> more = new TreeMap<>(attributes);
        more.put(attribute, value);
        return new Work(name, start, end, more, failure, parts);
    }

    public Work failed(String message) {
        return new Work(name, start, end, attributes, Optional.of(message), parts);
    }

    public Work with(Work part) {
        List<Work> more = new ArrayList<>(parts);
        more.add(part);
        return new Work(name, start, end, attributes, failure, more);
    }
}
