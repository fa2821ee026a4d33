package build.kiln.builder.layer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/// A program of its own: writes the layer of a folder (or of made-up content) and prints its digests.
final class LayerOfFolder {

    private LayerOfFolder() {}

    /// @param args the compression, then a folder or a number of bytes
    public static void main(String[] args) throws IOException {
        Compressor compressor = Compressor.of(Compression.valueOf(args[0]));
        Timestamps timestamps = new Timestamps.ClampedTo(Instant.ofEpochSecond(1_700_000_000));
        try (LayerWriter writer = LayerWriter.open(compressor, timestamps, List.of(OutputStream.nullOutputStream()))) {
            if (args[1].matches("\\d+")) {
                Attributes attributes = new Attributes(0644, 0, 0, Instant.EPOCH);
                writer.addFile(LayerPath.of("large"), attributes, new Text(Long.parseLong(args[1])));
            } else {
                Changeset.of(Path.of(args[1]), OverlayXattrs.USER).writeTo(writer);
            }
            Layer layer = writer.finish();
            System.out.println(layer.diffId() + " " + layer.blob().digest() + " "
                    + layer.blob().sizeBytes());
        }
    }

    /// The sample over and over.
    private record Text(long sizeBytes) implements FileContent {

        @Override
        public InputStream open() {
            return new InputStream() {
                private final byte[] sample = GzipCodec.sample();
                private long at;

                @Override
                public int read() {
                    return sample[(int) (at++ % sample.length)];
                }

                @Override
                public int read(byte[] into, int offset, int length) {
                    int start = (int) (at % sample.length);
                    int count = Math.min(length, sample.length - start);
                    System.arraycopy(sample, start, into, offset, count);
                    at += count;
                    return count;
                }
            };
        }
    }
}
