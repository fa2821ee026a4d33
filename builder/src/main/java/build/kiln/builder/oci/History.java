package build.kiln.builder.oci;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What made a layer, or changed the config without making one.
///
/// @param emptyLayer true if it made no layer
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties">image-spec 1.1.1,
/// history</a>
public record History(
        @Nullable Instant created,
        @Nullable String createdBy,
        @Nullable String author,
        @Nullable String comment,
        boolean emptyLayer) {}
