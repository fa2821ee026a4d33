package build.kiln.builder.app;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.StepRecord;
import build.kiln.builder.cache.collect.Collector;
import build.kiln.builder.cache.collect.Entry;
import build.kiln.builder.cache.collect.Inventory;
import build.kiln.builder.cache.pin.LivePins;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// What `kiln cache ls` and `kiln cache du` tell.
final class CacheContents {

    private static final int SECONDS = 19;

    private final Cache cache;

    CacheContents(Cache cache) {
        this.cache = cache;
    }

    /// All steps, the last used first.
    ObjectNode steps() throws IOException {
        ObjectNode node = Json.object();
        ArrayNode all = node.putArray("steps");
        List<Entry> entries = Inventory.of(cache).entries().stream()
                .filter(entry -> entry.kind() == Entry.Kind.STEP)
                .sorted(Comparator.comparing(Entry::lastUse).reversed().thenComparing(Entry::name))
                .toList();
        for (Entry entry : entries) {
            Path file = cache.root().resolve(entry.name());
            try {
                StepRecord record = StepRecord.read(file);
                all.addObject()
                        .put("key", file.getFileName().toString().replace(".json", ""))
                        .put("instruction", record.instruction())
                        .put("sizeBytes", record.contentBytes())
                        .put("tookMillis", record.took().toMillis())
                        .put("lastUse", entry.lastUse().toString())
                        .put("diffId", record.diffId().toString())
                        .put("madeBy", record.maker().name())
                        .put("isThere", cache.hasLayerOf(record));
            } catch (IOException | IllegalArgumentException e) {
                continue; // Collected meanwhile, or for verify to find.
            }
        }
        return node;
    }

    static String stepsTable(ObjectNode node) {
        StringBuilder table = new StringBuilder(row("LAST USE", "SIZE", "TOOK", "STEP"));
        for (JsonNode step : node.path("steps")) {
            String used = step.path("lastUse").asText();
            table.append(row(
                    used.substring(0, Math.min(SECONDS, used.length())).replace('T', ' '),
                    Sizes.shown(step.path("sizeBytes").asLong()),
                    String.format(Locale.ROOT, "%.1fs", step.path("tookMillis").asLong() / 1000.0),
                    step.path("instruction").asText()
                            + (step.path("isThere").asBoolean() ? "" : " (its layer is gone)")));
        }
        return table.toString();
    }

    private static String row(String used, String size, String took, String step) {
        return String.format(Locale.ROOT, "%-19s  %10s  %8s  %s%n", used, size, took, step);
    }

    /// What takes how much room, by kind.
    ObjectNode usage() throws IOException {
        LivePins live = new Collector(cache).livePins();
        Inventory inventory = Inventory.of(cache);
        ObjectNode node = Json.object();
        ArrayNode kinds = node.putArray("kinds");
        long[] total = new long[4];
        for (Entry.Kind kind : Entry.Kind.values()) {
            List<Entry> entries = inventory.entries().stream()
                    .filter(entry -> entry.kind() == kind)
                    .toList();
            long bytes = sum(entries);
            long used = sum(entries.stream()
                    .filter(entry -> live.entries().contains(entry.name()))
                    .toList());
            boolean isSmall = !kind.isContent();
            put(kinds.addObject(), kind.words(), entries.size(), bytes, used, isSmall ? 0 : bytes - used);
            total[0] += entries.size();
            total[1] += bytes;
            total[2] += used;
            total[3] += isSmall ? 0 : bytes - used;
        }
        put(node.putObject("total"), "total", total[0], total[1], total[2], total[3]);
        node.put("liveProcesses", live.processes().size());
        node.put("reservedBytes", live.reservedBytes());
        node.put("freeBytes", new Collector(cache).freeBytes());
        return node;
    }

    private static void put(ObjectNode node, String kind, long count, long bytes, long used, long reclaimable) {
        node.put("kind", kind)
                .put("count", count)
                .put("sizeBytes", bytes)
                .put("inUseBytes", used)
                .put("reclaimableBytes", reclaimable);
    }

    private static long sum(List<Entry> entries) {
        return entries.stream().mapToLong(Entry::sizeBytes).sum();
    }

    static String usageTable(ObjectNode node) {
        StringBuilder table = new StringBuilder(usageRow("KIND", "COUNT", "SIZE", "IN USE", "RECLAIMABLE"));
        node.path("kinds").forEach(kind -> table.append(usageRow(kind)));
        table.append(usageRow(node.path("total")));
        table.append(String.format(
                Locale.ROOT,
                "The file system has %s free. Live builds: %d; they have reserved %s.%n",
                Sizes.shown(node.path("freeBytes").asLong()),
                node.path("liveProcesses").asInt(),
                Sizes.shown(node.path("reservedBytes").asLong())));
        return table.toString();
    }

    private static String usageRow(JsonNode kind) {
        return usageRow(
                kind.path("kind").asText(),
                kind.path("count").asText(),
                Sizes.shown(kind.path("sizeBytes").asLong()),
                Sizes.shown(kind.path("inUseBytes").asLong()),
                Sizes.shown(kind.path("reclaimableBytes").asLong()));
    }

    private static String usageRow(String kind, String count, String size, String used, String reclaimable) {
        return String.format(Locale.ROOT, "%-12s  %7s  %10s  %10s  %11s%n", kind, count, size, used, reclaimable);
    }
}
