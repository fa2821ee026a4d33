package build.kiln.builder.app;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.VolumeTime;
import build.kiln.builder.cache.collect.Collector;
import build.kiln.builder.cache.collect.Entry;
import build.kiln.builder.cache.collect.Limits;
import build.kiln.builder.cache.collect.Victims;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What `kiln cache prune` does.
///
/// @param choice of what goes
record CachePruning(Collector collector, Collector.Choice choice) {

    private static final Duration NO_LIMIT = Duration.ofDays(1);

    /// Without any of the three, the limits of a folder hold, as after a build.
    static CachePruning of(Cache cache, @Nullable String maxSize, @Nullable String olderThan, boolean all)
            throws IOException {
        int given = (maxSize == null ? 0 : 1) + (olderThan == null ? 0 : 1) + (all ? 1 : 0);
        if (given > 1) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "kiln cache prune",
                    "--max-size, --older-than and --all say different things.",
                    "Give one of them.");
        }
        Collector collector = new Collector(cache);
        if (all) {
            return new CachePruning(
                    collector, (entries, live) -> Victims.freeing(Long.MAX_VALUE, entries, live.entries()));
        }
        if (olderThan != null) {
            Duration age = age(olderThan);
            FileTime time =
                    FileTime.from(VolumeTime.now(cache.workspace()).toInstant().minus(age));
            return new CachePruning(collector, (entries, live) -> Victims.unusedSince(time, entries, live.entries()));
        }
        if (maxSize != null) {
            long most = Flags.size("--max-size", maxSize);
            return new CachePruning(collector, collector.within(new Limits(most, 0)));
        }
        return new CachePruning(collector, collector.within(Limits.ofFolder(cache.root())));
    }

    /// `7d`, `12h`, `30m`.
    private static Duration age(String text) {
        if (!text.matches("[0-9]{1,6}[dhm]")) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    "--older-than " + text,
                    "it is not a time.",
                    "Write a number of days, hours or minutes: 7d, 12h or 30m.");
        }
        long number = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.charAt(text.length() - 1)) {
            case 'd' -> Duration.ofDays(number);
            case 'h' -> Duration.ofHours(number);
            default -> Duration.ofMinutes(number);
        };
    }

    /// What would go now.
    ObjectNode plan() throws IOException {
        return told(collector.wouldRemove(choice), false);
    }

    ObjectNode run() throws IOException {
        return told(collector.collect(choice, NO_LIMIT).removed(), true);
    }

    private static ObjectNode told(List<Entry> entries, boolean removed) {
        ObjectNode node = Json.object();
        ArrayNode all = node.putArray("entries");
        entries.forEach(entry -> all.addObject()
                .put("entry", entry.name())
                .put("sizeBytes", entry.sizeBytes())
                .put("lastUse", entry.lastUse().toString()));
        node.put("removed", removed);
        node.put("sizeBytes", entries.stream().mapToLong(Entry::sizeBytes).sum());
        return node;
    }

    static String table(ObjectNode node) {
        StringBuilder table = new StringBuilder();
        for (JsonNode entry : node.path("entries")) {
            table.append(String.format(
                    Locale.ROOT,
                    "%10s  %s%n",
                    Sizes.shown(entry.path("sizeBytes").asLong()),
                    entry.path("entry").asText()));
        }
        return table.append(String.format(
                        Locale.ROOT,
                        "%s %d entries, %s.%n",
                        node.path("removed").asBoolean() ? "Removed" : "Would remove",
                        node.path("entries").size(),
                        Sizes.shown(node.path("sizeBytes").asLong())))
                .toString();
    }
}
