package build.kiln.builder.fuzz;

import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.EntrySink;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.InvalidLayer;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.layer.LayerReader;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.Timestamps;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;

/// Layers and archives, packed in each way.
final class ArchiveTargets {

    /// What ADD allows an xz archive to take.
    private static final int XZ_MEMORY_KIB = 64 << 10;

    private static final List<byte[]> FRAGMENTS = List.of(
            new byte[] {0},
            new byte[512],
            new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            "../".getBytes(StandardCharsets.US_ASCII),
            ".wh.".getBytes(StandardCharsets.US_ASCII),
            "ustar\00000".getBytes(StandardCharsets.US_ASCII),
            "30 mtime=1e9.99999999999999\n".getBytes(StandardCharsets.US_ASCII),
            "18 size=99999999\n".getBytes(StandardCharsets.US_ASCII),
            new byte[] {0x1f, (byte) 0x8b, 8, 4},
            new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});

    private static final EntrySink NOWHERE = new EntrySink() {
        @Override
        public void add(LayerEntry.Plain entry) {}

        @Override
        public void addFile(LayerPath path, Attributes attributes, FileContent content) throws IOException {
            try (InputStream in = content.open()) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
        }
    };

    private ArchiveTargets() {}

    static List<FuzzTarget> all() throws IOException {
        byte[] tar = layer(Compression.NONE);
        return List.of(
                target("tar", List.of(tar), List.of(InvalidLayer.class), ArchiveTargets::layer),
                target(
                        "gzip-zstd",
                        List.of(layer(Compression.GZIP), layer(Compression.ZSTD)),
                        List.of(InvalidLayer.class),
                        ArchiveTargets::layer),
                target(
                        "xz",
                        List.of(xz(tar)),
                        List.of(IOException.class),
                        input -> layer(
                                new XZCompressorInputStream(new ByteArrayInputStream(input), true, XZ_MEMORY_KIB))),
                target(
                        "bzip2",
                        List.of(bzip2(tar)),
                        List.of(IOException.class),
                        input -> layer(new BZip2CompressorInputStream(new ByteArrayInputStream(input), true))));
    }

    private static FuzzTarget target(
            String name, List<byte[]> seeds, List<Class<? extends Throwable>> refusals, FuzzTarget.Reader reader) {
        return new FuzzTarget(name, seeds, FRAGMENTS, refusals, reader);
    }

    private static void layer(byte[] input) throws IOException {
        layer(new ByteArrayInputStream(input));
    }

    private static void layer(InputStream in) throws IOException {
        try (in) {
            LayerReader.read(in, NOWHERE);
        }
    }

    private static byte[] layer(Compression compression) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Attributes plain = new Attributes(0755, 1, 2, Instant.ofEpochSecond(1, 5));
        try (LayerWriter writer = LayerWriter.open(Compressor.of(compression), new Timestamps.Exact(), List.of(out))) {
            writer.add(new LayerEntry.Directory(LayerPath.of("a"), plain));
            writer.addFile(LayerPath.of("a/file"), plain, FileContent.of(new byte[700]));
            writer.addFile(
                    LayerPath.of("a/" + "long".repeat(40)),
                    plain,
                    FileContent.of("text".getBytes(StandardCharsets.US_ASCII)));
            writer.addFile(LayerPath.of("a/é"), plain, FileContent.of(new byte[0]));
            writer.finish();
        }
        return out.toByteArray();
    }

    private static byte[] xz(byte[] tar) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (XZCompressorOutputStream xz = new XZCompressorOutputStream(out, 1)) {
            xz.write(tar);
        }
        return out.toByteArray();
    }

    private static byte[] bzip2(byte[] tar) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BZip2CompressorOutputStream bzip2 = new BZip2CompressorOutputStream(out, 1)) {
            bzip2.write(tar);
        }
        return out.toByteArray();
    }
}
