package build.kiln.builder.cache;

import build.kiln.builder.cache.file.BoundedFile;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// What the cache knows of a finished step.
///
/// @param instruction as it was shown
/// @param diffId of the layer that the step made
/// @param contentBytes the uncompressed layer's size
/// @param blobs the layer's compressed forms, by the name of the compression; empty if none was needed yet
/// @param epoch the time to which the layer's file times were clamped
/// @param took how long the step ran
/// @param inputs what the step read, by name
/// @param maker who ran the step
public record StepRecord(
        String instruction,
        DiffId diffId,
        long contentBytes,
        Map<String, Descriptor> blobs,
        Instant epoch,
        Duration took,
        Map<String, Digest> inputs,
        Maker maker) {

    /// An instruction may have a script in it.
    private static final int MOST_BYTES = 16 << 20;

    private static final String CHECKSUM = "crc32c";

    public StepRecord {
        blobs = Collections.unmodifiableMap(new TreeMap<>(blobs));
        inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
    }

    /// The same record, knowing one more compressed form of its layer.
    public StepRecord withBlob(String compression, Descriptor blob) {
        Map<String, Descriptor> all = new TreeMap<>(blobs);
        all.put(compression, blob);
        return new StepRecord(instruction, diffId, contentBytes, all, epoch, took, inputs, maker);
    }

    /// Reads the file of a record.
    ///
    /// @throws IOException if it cannot be read, or is too large for one
    /// @throws IllegalArgumentException if it is not one
    public static StepRecord read(Path file) throws IOException {
        return parse(BoundedFile.read(file, MOST_BYTES));
    }

    /// @throws IllegalArgumentException if the bytes are not a record
    public static StepRecord parse(byte[] json) {
        JsonNode node = Json.parse(json);
        if (!(node instanceof ObjectNode sealed) || Json.number(node, CHECKSUM) != checksum(sealed)) {
            throw new IllegalArgumentException("the checksum is wrong");
        }
        Map<String, Descriptor> blobs = new TreeMap<>();
        node.path("blobs")
                .properties()
                .forEach(blob -> blobs.put(
                        blob.getKey(),
                        new Descriptor(
                                Json.text(blob.getValue(), "mediaType"),
                                Digest.parse(Json.text(blob.getValue(), "digest")),
                                Json.number(blob.getValue(), "size"))));
        Map<String, Digest> inputs = new TreeMap<>();
        Json.strings(node.path("inputs")).forEach((name, digest) -> inputs.put(name, Digest.parse(digest)));
        try {
            return new StepRecord(
                    Json.text(node, "instruction"),
                    DiffId.parse(Json.text(node, "diffId")),
                    Json.number(node, "contentBytes"),
                    blobs,
                    Instant.parse(Json.text(node, "epoch")),
                    Duration.ofMillis(Json.number(node, "tookMillis")),
                    inputs,
                    maker(node.path("maker")));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("\"epoch\" is not a time", e);
        }
    }

    private static Maker maker(JsonNode node) {
        return new Maker(Json.text(node, "name"), Json.text(node, "build"), (int) Json.number(node, "attempt"));
    }

    byte[] toJson() {
        ObjectNode node = Json.object();
        node.put("instruction", instruction);
        node.put("diffId", diffId.toString());
        node.put("contentBytes", contentBytes);
        ObjectNode all = node.putObject("blobs");
        blobs.forEach((compression, blob) -> all.putObject(compression)
                .put("mediaType", blob.mediaType())
                .put("digest", blob.digest().toString())
                .put("size", blob.sizeBytes()));
        node.put("epoch", epoch.toString());
        node.put("tookMillis", took.toMillis());
        ObjectNode reads = node.putObject("inputs");
        inputs.forEach((name, digest) -> reads.put(name, digest.toString()));
        node.putObject("maker")
                .put("name", maker.name())
                .put("build", maker.build())
                .put("attempt", maker.attempt());
        node.put(CHECKSUM, checksum(node));
        return Json.bytes(node);
    }

    /// Of all members but the checksum itself: a flipped bit in a digest or a size is JSON as well.
    private static long checksum(ObjectNode node) {
        CRC32C crc = new CRC32C();
        ObjectNode rest = node.deepCopy();
        rest.remove(CHECKSUM);
        crc.update(Json.bytes(rest));
        return crc.getValue();
    }
}
