package build.kiln.builder.execute;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.plan.ImageHome;
import java.time.Instant;
import java.util.Map;

/// A layer of some stage, and where its content can be had.
public sealed interface LayerRef {

    DiffId diffId();

    /// A layer of a base image: in its registry or layout folder, and perhaps in the cache.
    ///
    /// @param blob the compressed layer as it is there
    record Base(DiffId diffId, Descriptor blob, ImageHome home) implements LayerRef {}

    /// A layer that a step made, now or in an earlier build: in the cache as a directory, as a blob, or as both.
    ///
    /// @param blobs its forms as a tar, by the recipe of their compression; none if only a directory was made
    /// @param epoch to which its file times were clamped
    record Made(DiffId diffId, Map<String, Descriptor> blobs, Instant epoch, String instruction) implements LayerRef {

        public Made {
            blobs = Map.copyOf(blobs);
        }
    }
}
