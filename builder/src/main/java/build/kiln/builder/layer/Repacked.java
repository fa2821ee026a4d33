package build.kiln.builder.layer;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/// A layer's tar in another compression: the same bytes, and so the same diffID.
///
/// @param tarSizeBytes of the uncompressed tar
public record Repacked(Descriptor blob, DiffId diffId, long tarSizeBytes) {

    private static final int PIECE_BYTES = 128 << 10;

    /// Unpacks and packs in one pass. What is inside is not looked at: the caller compares the diffID.
    ///
    /// @param blob a tar in whatever compression, read to its end and left open
    /// @throws InvalidLayer if the compression is damaged
    public static Repacked of(InputStream blob, Compressor compressor, OutputStream out) throws IOException {
        int threads = Runtime.getRuntime().availableProcessors();
        try (InputStream tar = Decompression.of(blob);
                BlobPipeline pipeline = new BlobPipeline(compressor.codec(), threads, List.of(out))) {
            byte[] piece = new byte[PIECE_BYTES];
            for (int count = tar.read(piece); count >= 0; count = tar.read(piece)) {
                pipeline.write(piece, 0, count);
            }
            BlobPipeline.Written written = pipeline.finish();
            return new Repacked(written.blob(), written.diffId(), written.tarBytes());
        }
    }
}
