package build.kiln.builder.testing;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.layer.Changeset;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// A cache volume as a stranger reads it: everything that is visible has to be whole.
public final class CacheVolume {

    private CacheVolume() {}

    /// Recomputes the digest of every blob, and the DiffID of every layer directory that a record names.
    ///
    /// @return the number of records
    public static int assertWhole(Path root) throws IOException {
        for (Path blob : list(root.resolve("blobs/sha256"))) {
            assertThat(Digest.of(Files.readAllBytes(blob)).hex())
                    .isEqualTo(blob.getFileName().toString());
        }
        List<Path> records = list(root.resolve("steps"));
        for (Path record : records) {
            assertWhole(root, Json.parse(Files.readAllBytes(record)));
        }
        return records.size();
    }

    private static void assertWhole(Path root, JsonNode record) throws IOException {
        boolean isThere = false;
        for (JsonNode blob : record.get("blobs")) {
            Path file =
                    root.resolve("blobs").resolve(blob.get("digest").asText().replace(':', '/'));
            assertThat(file).hasSize(blob.get("size").asLong());
            isThere = true;
        }
        String diffId = record.get("diffId").asText();
        Path folder = root.resolve("layers").resolve(diffId.replace(':', '/')).resolve("fs");
        if (Files.exists(folder)) {
            Instant epoch = Instant.parse(record.get("epoch").asText());
            assertThat(diffIdOf(folder, epoch)).hasToString(diffId);
            isThere = true;
        }
        assertThat(isThere).as("a record whose layer is nowhere: %s", record).isTrue();
    }

    private static DiffId diffIdOf(Path folder, Instant epoch) throws IOException {
        try (LayerWriter writer =
                LayerWriter.open(Compressor.of(Compression.NONE), new Timestamps.ClampedTo(epoch), List.of())) {
            Changeset.of(folder, OverlayXattrs.USER).writeTo(writer);
            return writer.finish().diffId();
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }
}
