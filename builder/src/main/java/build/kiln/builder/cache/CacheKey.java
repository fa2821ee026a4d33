package build.kiln.builder.cache;

import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.Json;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Identity of a step: what it starts from, what it does, and what it reads. Never how the start came about.
///
/// Two steps with equal keys do the same work, whatever Dockerfile, stage or build they stand in.
public record CacheKey(Digest digest) {

    /// A change of the record's meaning, or of how layers are made, is a new version: old records are then misses.
    private static final int VERSION = 3;

    /// @param parent the layers that the step starts from, the lowest first
    /// @param canonical the step's canonical form
    /// @param inputs the digests of what it reads, by name
    /// @param epoch the time that the user fixed for all files; null if it follows from the source
    public static CacheKey of(
            List<DiffId> parent, byte[] canonical, Map<String, Digest> inputs, @Nullable Instant epoch) {
        ObjectNode key = Json.object();
        key.put("version", VERSION);
        ArrayNode layers = key.putArray("parent");
        parent.forEach(layer -> layers.add(layer.toString()));
        key.put("step", Base64.getEncoder().encodeToString(canonical));
        ObjectNode reads = key.putObject("inputs");
        new TreeMap<>(inputs).forEach((name, digest) -> reads.put(name, digest.toString()));
        if (epoch != null) {
            key.put("epoch", epoch.toString());
        }
        return new CacheKey(Digest.of(Json.bytes(key)));
    }

    @Override
    public String toString() {
        return digest.hex();
    }
}
