package build.kiln.builder.layer;

import build.kiln.builder.linux.DeviceNumber;
import build.kiln.builder.oci.Digest;
import java.util.HexFormat;

/// One thing that a layer says about one path.
public sealed interface LayerEntry {

    LayerPath path();

    /// A file whose content has been seen.
    ///
    /// @param sha256 the 32 bytes of the content's hash
    record File(LayerPath path, Attributes attributes, long sizeBytes, Bytes sha256) implements LayerEntry {

        public Digest digest() {
            return new Digest("sha256", HexFormat.of().formatHex(sha256.shared()));
        }
    }

    /// Everything that has no content.
    sealed interface Plain extends LayerEntry {}

    record Directory(LayerPath path, Attributes attributes) implements Plain {}

    /// @param target as it stands in the link
    record Symlink(LayerPath path, Attributes attributes, Bytes target) implements Plain {}

    /// A further name of a file that came earlier in the same layer.
    ///
    /// @param attributes those of the file
    record HardLink(LayerPath path, Attributes attributes, LayerPath target) implements Plain {}

    record Device(LayerPath path, Attributes attributes, DeviceKind kind, DeviceNumber number) implements Plain {}

    enum DeviceKind {
        CHARACTER,
        BLOCK
    }

    record Fifo(LayerPath path, Attributes attributes) implements Plain {}

    /// What lower layers have at this path is gone.
    record Whiteout(LayerPath path) implements Plain {}

    /// What lower layers have *in* this directory is gone; the directory itself has an entry of its own.
    record Opaque(LayerPath path) implements Plain {}
}
