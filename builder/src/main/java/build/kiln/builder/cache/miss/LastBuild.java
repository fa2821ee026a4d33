package build.kiln.builder.cache.miss;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.file.BoundedFile;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The steps of a stage as the last build on this volume had them.
///
/// The file is a summary of the steps' cache keys, then the facts, packed. A build whose steps are the same reads the
/// summary alone and writes nothing. Whatever goes wrong costs an explanation and nothing else.
public final class LastBuild {

    private static final Logger LOG = LoggerFactory.getLogger(LastBuild.class);
    private static final int SUMMARY = 64;
    private static final int VERSION = 1;

    /// A step with 50,000 files of long names has a tenth of it.
    private static final int MOST_UNPACKED = 64 << 20;

    private static final int MOST_BYTES = MOST_UNPACKED / 4;

    private final Cache cache;
    private final Path file;

    private LastBuild(Cache cache, Path file) {
        this.cache = cache;
        this.file = file;
    }

    /// @param stage which build, Dockerfile, platform and stage it is: any text that stays the same from build to build
    public static LastBuild of(Cache cache, String stage) {
        Digest name = Digest.of(stage.getBytes(StandardCharsets.UTF_8));
        return new LastBuild(cache, cache.lastBuild(name));
    }

    /// Whether there was no such build.
    public boolean isAbsent() {
        return Files.notExists(file);
    }

    /// The steps' facts; none if there was no such build.
    public List<StepFacts> steps() {
        try {
            byte[] all = BoundedFile.read(file, MOST_BYTES);
            if (all.length < SUMMARY) {
                return List.of();
            }
            byte[] json;
            try (InputStream in =
                    new GZIPInputStream(new ByteArrayInputStream(all, SUMMARY, all.length - SUMMARY), 1 << 16)) {
                json = in.readNBytes(MOST_UNPACKED + 1);
            }
            if (json.length > MOST_UNPACKED) {
                return List.of();
            }
            List<StepFacts> steps = new ArrayList<>();
            Json.parse(json).path("steps").forEach(step -> steps.add(StepFacts.parse(step)));
            return steps;
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException | IllegalArgumentException | ArithmeticException e) {
            LOG.debug("What the last build was made from cannot be read: {}", e.toString());
            return List.of();
        }
    }

    /// Whether the last build's steps had these cache keys.
    ///
    /// @param summary of [#summary]
    public boolean had(String summary) {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(SUMMARY), summary.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return false;
        }
    }

    /// One text for all of these cache keys.
    public static String summary(List<String> keys) {
        return Digest.of(String.join("\n", keys).getBytes(StandardCharsets.US_ASCII))
                .hex();
    }

    /// Makes this the last build.
    public void keep(String summary, List<StepFacts> steps) {
        ObjectNode node = Json.object();
        node.put("version", VERSION);
        ArrayNode all = node.putArray("steps");
        steps.forEach(step -> all.add(step.toJson()));
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(summary.getBytes(StandardCharsets.US_ASCII));
            try (OutputStream out = new GZIPOutputStream(bytes, 1 << 16) {
                {
                    def.setLevel(1);
                }
            }) {
                out.write(Json.bytes(node));
            }
            Path aside = Files.createTempFile(cache.workspace(), "last-", "");
            try {
                Files.write(aside, bytes.toByteArray());
                Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(aside);
            }
        } catch (IOException e) {
            LOG.debug("What this build was made from cannot be kept: {}", e.toString());
        }
    }
}
