package build.kiln.builder.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// [ImageConfig] to JSON and back. Members are written in the order of the specification's Go types.
final class ImageConfigJson {

    private ImageConfigJson() {}

    static ImageConfig read(JsonNode node) {
        List<DiffId> diffIds = new ArrayList<>();
        node.path("rootfs").path("diff_ids").forEach(one -> diffIds.add(DiffId.parse(one.asText())));
        List<History> history = new ArrayList<>();
        node.path("history").forEach(one -> history.add(readHistory(one)));
        return new ImageConfig(
                time(node, "created"),
                Json.optionalText(node, "author"),
                new Platform(
                        Json.text(node, "os"),
                        Json.text(node, "architecture"),
                        Json.optionalText(node, "variant"),
                        Json.optionalText(node, "os.version")),
                readConfig(node.path("config")),
                diffIds,
                history);
    }

    static ObjectNode write(ImageConfig image) {
        ObjectNode node = Json.object();
        if (image.created() != null) {
            node.put("created", image.created().toString());
        }
        if (image.author() != null) {
            node.put("author", image.author());
        }
        node.put("architecture", image.platform().architecture());
        if (image.platform().variant() != null) {
            node.put("variant", image.platform().variant());
        }
        node.put("os", image.platform().os());
        if (image.platform().osVersion() != null) {
            node.put("os.version", image.platform().osVersion());
        }
        node.set("config", writeConfig(image.config()));
        ObjectNode rootfs = node.putObject("rootfs");
        rootfs.put("type", "layers");
        ArrayNode diffIds = rootfs.putArray("diff_ids");
        image.diffIds().forEach(id -> diffIds.add(id.toString()));
        if (!image.history().isEmpty()) {
            ArrayNode history = node.putArray("history");
            image.history().forEach(one -> history.add(writeHistory(one)));
        }
        return node;
    }

    private static History readHistory(JsonNode node) {
        return new History(
                time(node, "created"),
                Json.optionalText(node, "created_by"),
                Json.optionalText(node, "author"),
                Json.optionalText(node, "comment"),
                node.path("empty_layer").asBoolean(false));
    }

    private static ObjectNode writeHistory(History history) {
        ObjectNode node = Json.object();
        if (history.created() != null) {
            node.put("created", history.created().toString());
        }
        putText(node, "created_by", history.createdBy());
        putText(node, "author", history.author());
        putText(node, "comment", history.comment());
        if (history.emptyLayer()) {
            node.put("empty_layer", true);
        }
        return node;
    }

    private static ContainerConfig readConfig(JsonNode node) {
        return new ContainerConfig(
                node.path("User").asText(""),
                keys(node.path("ExposedPorts")),
                Json.list(node.path("Env")),
                optionalList(node.path("Entrypoint")),
                optionalList(node.path("Cmd")),
                keys(node.path("Volumes")),
                node.path("WorkingDir").asText(""),
                Json.strings(node.path("Labels")),
                Json.optionalText(node, "StopSignal"),
                readHealthcheck(node.path("Healthcheck")),
                node.path("ArgsEscaped").asBoolean(false),
                Json.list(node.path("OnBuild")),
                optionalList(node.path("Shell")));
    }

    private static ObjectNode writeConfig(ContainerConfig config) {
        ObjectNode node = Json.object();
        if (!config.user().isEmpty()) {
            node.put("User", config.user());
        }
        putKeys(node, "ExposedPorts", config.exposedPorts());
        if (!config.env().isEmpty()) {
            node.set("Env", Json.of(config.env()));
        }
        putList(node, "Entrypoint", config.entrypoint());
        putList(node, "Cmd", config.cmd());
        putKeys(node, "Volumes", config.volumes());
        if (!config.workingDir().isEmpty()) {
            node.put("WorkingDir", config.workingDir());
        }
        if (!config.labels().isEmpty()) {
            node.set("Labels", Json.of(config.labels()));
        }
        putText(node, "StopSignal", config.stopSignal());
        if (config.argsEscaped()) {
            node.put("ArgsEscaped", true);
        }
        if (config.healthcheck() != null) {
            node.set("Healthcheck", writeHealthcheck(config.healthcheck()));
        }
        if (!config.onBuild().isEmpty()) {
            node.set("OnBuild", Json.of(config.onBuild()));
        }
        putList(node, "Shell", config.shell());
        return node;
    }

    private static @Nullable Healthcheck readHealthcheck(JsonNode node) {
        if (!node.isObject()) {
            return null;
        }
        return new Healthcheck(
                Json.list(node.path("Test")),
                Duration.ofNanos(node.path("Interval").asLong(0)),
                Duration.ofNanos(node.path("Timeout").asLong(0)),
                Duration.ofNanos(node.path("StartPeriod").asLong(0)),
                Duration.ofNanos(node.path("StartInterval").asLong(0)),
                node.path("Retries").asInt(0));
    }

    private static ObjectNode writeHealthcheck(Healthcheck check) {
        ObjectNode node = Json.object();
        if (!check.test().isEmpty()) {
            node.set("Test", Json.of(check.test()));
        }
        putNanos(node, "Interval", check.interval());
        putNanos(node, "Timeout", check.timeout());
        putNanos(node, "StartPeriod", check.startPeriod());
        putNanos(node, "StartInterval", check.startInterval());
        if (check.retries() != 0) {
            node.put("Retries", check.retries());
        }
        return node;
    }

    private static void putNanos(ObjectNode node, String member, Duration duration) {
        if (!duration.isZero()) {
            node.put(member, duration.toNanos());
        }
    }

    private static void putText(ObjectNode node, String member, @Nullable String text) {
        if (text != null && !text.isEmpty()) {
            node.put(member, text);
        }
    }

    private static void putList(ObjectNode node, String member, @Nullable List<String> list) {
        if (list != null && !list.isEmpty()) {
            node.set(member, Json.of(list));
        }
    }

    private static void putKeys(ObjectNode node, String member, SortedSet<String> keys) {
        if (!keys.isEmpty()) {
            ObjectNode all = node.putObject(member);
            keys.forEach(all::putObject);
        }
    }

    private static SortedSet<String> keys(JsonNode object) {
        SortedSet<String> all = new TreeSet<>();
        object.fieldNames().forEachRemaining(all::add);
        return all;
    }

    private static @Nullable List<String> optionalList(JsonNode array) {
        return array.isArray() && !array.isEmpty() ? Json.list(array) : null;
    }

    private static @Nullable Instant time(JsonNode node, String member) {
        String text = Json.optionalText(node, member);
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("\"" + member + "\" is \"" + text + "\", not an RFC 3339 time", e);
        }
    }
}
