package build.kiln.builder.cache;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.collect.Collector;
import build.kiln.builder.cache.collect.Housekeeping;
import build.kiln.builder.cache.collect.Limits;
import build.kiln.builder.cache.miss.LastBuild;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.Resolution;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.MediaTypes;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What lies on a volume may be anything: it is a miss, and never the end of a build or of all collections.
class HostileVolumeTest {

    private static final Duration BUDGET = Duration.ofSeconds(20);
    private static final long HUGE = 5L << 30;

    @TempDir
    private Path root;

    private Cache cache;

    @BeforeEach
    void openVolume() {
        cache = Cache.open(root, Maker.named("test"));
    }

    @AfterEach
    void closeVolume() {
        cache.close();
    }

    @Test
    void aRecordWithoutEndIsAMiss() throws IOException {
        CacheKey key = new CacheKey(Digest.of(new byte[] {1}));
        sparse(root.resolve("steps/" + key + ".json"));
        assertThat(cache.find(key)).isEmpty();
    }

    @Test
    void whatIsKnownOfContentsAndUrlsWithoutEndIsNothing() throws IOException {
        sparse(root.resolve("contents"));
        cache.knownContents().close();
        String url = "https://example.com/";
        sparse(root.resolve(
                "urls/" + Digest.of(url.getBytes(StandardCharsets.UTF_8)).hex() + ".json"));
        assertThat(cache.seenFile(url)).isEmpty();
    }

    @Test
    void whatTheLastBuildHadUnpacksToABoundedSize() throws IOException {
        Path file = cache.lastBuild(Digest.of("stage".getBytes(StandardCharsets.UTF_8)));
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(new byte[64]);
            try (GZIPOutputStream zip = new GZIPOutputStream(out, 1 << 16) {
                {
                    def.setLevel(1);
                }
            }) {
                byte[] blanks = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
                for (int i = 0; i < 3000; i++) {
                    zip.write(blanks);
                }
            }
        }
        assertThat(LastBuild.of(cache, "stage").steps()).isEmpty();
    }

    @Test
    void pinsThatNobodyCanReadStopNoBuild() throws IOException {
        Files.writeString(root.resolve("pins/" + UUID.randomUUID()), "09999999999999999999\nblobs/sha256/a\n");
        Files.write(root.resolve("pins/" + UUID.randomUUID()), new byte[] {(byte) 0xff, (byte) 0xfe, '\n'});
        new Housekeeping(cache, new Limits(1 << 20, 0)).reserve();
        assertThat(collectEverything().removed()).isEmpty();
    }

    @Test
    void pinsOfTheDeadFromAClockThatWasAheadAreRemoved() throws IOException {
        Path dead = Files.writeString(root.resolve("pins/" + UUID.randomUUID()), "00000000000000000007\n");
        Files.setLastModifiedTime(dead, FileTime.from(Instant.now().plus(Duration.ofDays(400))));
        assertThat(new Collector(cache).livePins().reservedBytes()).isZero();
        assertThat(dead).doesNotExist();
    }

    @Test
    void aCacheMountWithPathsLongerThanTheKernelTakesIsCollectedLikeAnyOther() throws IOException {
        Path mount = cache.mount("deep");
        Files.createDirectories(mount.resolve("fs"));
        deepen(mount.resolve("fs"), 3000);
        cache.close();
        cache = Cache.open(root, Maker.named("collecting"));
        assertThat(collectEverything().removed()).hasSize(1);
        assertThat(mount).doesNotExist();
        assertThat(cache.workspace()).isEmptyDirectory();
    }

    @Test
    void whatIsNoEntryDoesNotStopCollections() throws IOException {
        Files.writeString(root.resolve("layers/sha256/stranger"), "what");
        Files.createDirectory(root.resolve("steps/stranger.json"));
        collectEverything();
    }

    @Test
    void aWrongSizeInSomebodysManifestTakesNoBlobAway() throws IOException {
        Descriptor good = blob("good");
        assertThat(cache.blob(new Descriptor(good.mediaType(), good.digest(), good.sizeBytes() + 1)))
                .isEmpty();
        cache.forgetBlob(good.digest());
        assertThat(cache.blob(good)).isPresent();
    }

    @Test
    void aTruncatedBlobIsTakenAway() throws IOException {
        Descriptor good = blob("good");
        Files.writeString(root.resolve("blobs/sha256/" + good.digest().hex()), "goo");
        assertThat(cache.blob(good)).isEmpty();
        assertThat(root.resolve("blobs/sha256/" + good.digest().hex())).doesNotExist();
    }

    @Test
    void aDamagedLayerThatABuildHasMountedLosesItsNameAndNotItsFiles() throws IOException {
        DiffId diffId = new DiffId(Digest.of(new byte[] {2}));
        Path made = Files.createDirectory(cache.newDirectory("layer").resolve("fs"));
        Files.writeString(made.resolve("file"), "content");
        Path layer = cache.publishLayer(diffId, made);
        try (Directory mounted = Directory.open(layer);
                Cache verifying = Cache.open(root, Maker.named("verifying"))) {
            verifying.forgetLayer(diffId);
            assertThat(layer).doesNotExist();
            new Collector(verifying).collect((all, live) -> List.of(), BUDGET);
            assertThat(mounted.statusIfPresent("file".getBytes(StandardCharsets.UTF_8)))
                    .isPresent();
        }
    }

    private Collector.Collected collectEverything() throws IOException {
        return new Collector(cache).collect(new Collector(cache).within(new Limits(0, 0)), BUDGET);
    }

    private Descriptor blob(String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        Path aside = Files.write(cache.newDirectory("blob").resolve("blob"), bytes);
        cache.publishBlob(Digest.of(bytes), aside);
        return new Descriptor(MediaTypes.OCI_LAYER, Digest.of(bytes), bytes.length);
    }

    private static void sparse(Path file) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(HUGE);
        }
    }

    private static void deepen(Path top, int depth) throws IOException {
        byte[] name = "d".getBytes(StandardCharsets.US_ASCII);
        Directory at = Directory.open(top);
        for (int i = 0; i < depth; i++) {
            at.makeDirectory(name, 0755);
            Directory below = at.openDirectory(name, Resolution.NO_LINKS);
            at.close();
            at = below;
        }
        at.close();
    }
}
