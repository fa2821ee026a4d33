package build.kiln.bench.micro;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.layer.Changeset;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.Layer;
import build.kiln.builder.layer.LayerDirectory;
import build.kiln.builder.layer.LayerReader;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.linux.Sha256;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// A folder of 2,000 files and 20 MB, and what becomes of it.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class Parts {

    private static final int FILES = 2000;
    private static final int FILE_BYTES = 10_000;

    private Path home = Path.of("");
    private DiffId diffId = new DiffId(Digest.of(new byte[0]));
    private byte[] bytes = {};
    private byte[] gzip = {};
    private byte[] zstd = {};
    private byte[] dockerfile = {};

    @Setup
    public void prepare() throws IOException {
        home = Files.createTempDirectory("kiln-micro");
        Path tree = Files.createDirectory(home.resolve("tree"));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < FILES; i++) {
            byte[] content = new byte[FILE_BYTES];
            for (int at = 0; at < content.length; at++) {
                content[at] = (byte) (at % 100 < 60 ? 'a' + at % 17 : random.nextInt(64));
            }
            Path folder = Files.createDirectories(tree.resolve("d" + i / 50));
            Files.write(folder.resolve("f" + i), content);
        }
        bytes = new byte[FILES * FILE_BYTES];
        random.nextBytes(bytes);
        diffId = write(Compression.NONE, OutputStream.nullOutputStream()).diffId();
        gzip = written(Compression.GZIP);
        zstd = written(Compression.ZSTD);
        StringBuilder text = new StringBuilder("FROM scratch\n");
        for (int i = 0; i < 200; i++) {
            text.append(
                    "ENV NAME_%d=\"value of ${NAME_%d:-nothing}\"\nRUN --mount=type=cache,target=/c echo %d && \\\n  true\n"
                            .formatted(i, i, i));
        }
        dockerfile = text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private byte[] written(Compression compression) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(compression, out);
        return out.toByteArray();
    }

    private Layer write(Compression compression, OutputStream out) throws IOException {
        try (LayerWriter writer = LayerWriter.open(Compressor.of(compression), new Timestamps.Exact(), List.of(out))) {
            Changeset.of(home.resolve("tree"), OverlayXattrs.USER).writeTo(writer);
            return writer.finish();
        }
    }

    @Benchmark
    public Object tarOnly() throws IOException {
        return write(Compression.NONE, OutputStream.nullOutputStream());
    }

    @Benchmark
    public Object tarAndGzip() throws IOException {
        return write(Compression.GZIP, OutputStream.nullOutputStream());
    }

    @Benchmark
    public Object tarAndZstd() throws IOException {
        return write(Compression.ZSTD, OutputStream.nullOutputStream());
    }

    @Benchmark
    public Object digest() {
        return Sha256.newHash().digest(bytes);
    }

    @Benchmark
    public Object readGzip() throws IOException {
        return LayerReader.readIndex(new ByteArrayInputStream(gzip), diffId);
    }

    @Benchmark
    public Object readZstd() throws IOException {
        return LayerReader.readIndex(new ByteArrayInputStream(zstd), diffId);
    }

    @Benchmark
    public Object unpack() throws IOException {
        Path folder = Files.createTempDirectory(home, "unpacked");
        try (LayerDirectory directory = LayerDirectory.open(folder, OverlayXattrs.USER, Fidelity.AS_FAR_AS_ALLOWED)) {
            Object unpacked = LayerReader.read(new ByteArrayInputStream(gzip), directory);
            directory.finish();
            return unpacked;
        }
    }

    @Benchmark
    public Object parse() {
        return Dockerfile.parse("Dockerfile", dockerfile);
    }

    @TearDown
    public void remove() throws IOException {
        try (Stream<Path> all = Files.walk(home)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
