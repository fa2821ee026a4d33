package build.kiln.builder.oci;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The image's config document: platform, how to run it, its layers' DiffIDs and where they came from.
///
/// @param diffIds of the layers, the lowest first
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md">image-spec 1.1.1, Image
/// Configuration</a>
public record ImageConfig(
        @Nullable Instant created,
        @Nullable String author,
        Platform platform,
        ContainerConfig config,
        List<DiffId> diffIds,
        List<History> history) {

    public ImageConfig {
        diffIds = List.copyOf(diffIds);
        history = List.copyOf(history);
    }

    /// The config of `FROM scratch`: nothing but a platform.
    public static ImageConfig scratch(Platform platform) {
        return new ImageConfig(null, null, platform, ContainerConfig.EMPTY, List.of(), List.of());
    }

    /// The same with no time in it that is later than `limit`.
    public ImageConfig notAfter(Instant limit) {
        List<History> clamped = history.stream()
                .map(one -> one.created() == null || one.created().isAfter(limit)
                        ? new History(limit, one.createdBy(), one.author(), one.comment(), one.emptyLayer())
                        : one)
                .toList();
        Instant time = created == null || created.isAfter(limit) ? limit : created;
        return new ImageConfig(time, author, platform, config, diffIds, clamped);
    }

    /// @throws IllegalArgumentException if the bytes are not an image config
    public static ImageConfig parse(byte[] json) {
        return ImageConfigJson.read(Json.parse(json));
    }

    /// The canonical bytes; their digest is what the manifest's config descriptor names.
    public byte[] toJson() {
        return Json.bytes(ImageConfigJson.write(this));
    }
}
