package build.kiln.builder.cache.collect;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.cache.Maker;
import build.kiln.builder.cache.SeenFile;
import build.kiln.builder.cache.StepRecord;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Collections of a real volume.
class CollectorTest {

    private static final Duration BUDGET = Duration.ofSeconds(20);
    private static final int BLOCK = 4096;

    @TempDir
    private Path root;

    private Cache filling;

    @BeforeEach
    void openVolume() {
        filling = Cache.open(root, Maker.named("filling"));
    }

    @Test
    void theOldestGoUntilTheLimitHolds() throws IOException {
        Descriptor old = blob("old", 3);
        Descriptor young = blob("young", 2);
        Path layer = layer("layer", 4);
        filling.close();
        usedDaysAgo(root.resolve("blobs/sha256/" + old.digest().hex()), 3);
        usedDaysAgo(java.util.Objects.requireNonNull(layer.getParent()), 2);

        try (Cache cache = Cache.open(root, Maker.named("collecting"))) {
            Collector collector = new Collector(cache);
            Collector.Collected collected = collector.collect(collector.within(new Limits(7 * BLOCK, 0)), BUDGET);
            assertThat(collected.removed()).extracting(Entry::sizeBytes).containsExactly(3L * BLOCK, 6L * BLOCK);
            assertThat(cache.blob(old)).isEmpty();
            assertThat(layer.getParent()).doesNotExist();
            assertThat(cache.blob(young)).isPresent();
            assertThat(cache.workspace()).isEmptyDirectory();
        }
    }

    @Test
    void whatALiveBuildUsesAndReservesCounts() throws IOException {
        Descriptor used = blob("used", 3);
        Descriptor unused = blob("unused", 3);
        filling.close();
        try (Cache build = Cache.open(root, Maker.named("building"));
                Cache cache = Cache.open(root, Maker.named("collecting"))) {
            assertThat(build.blob(used)).isPresent();
            build.pins().orElseThrow().reserve(10 * BLOCK);
            Collector collector = new Collector(cache);
            assertThat(collector.wouldRemove(collector.within(new Limits(16 * BLOCK, 0))))
                    .isEmpty();
            collector.collect(collector.within(new Limits(15 * BLOCK, 0)), BUDGET);
            collector.collect((all, live) -> Victims.freeing(Long.MAX_VALUE, all, live.entries()), BUDGET);
            assertThat(build.blob(used)).isPresent();
            assertThat(build.blob(unused)).isEmpty();
        }
    }

    @Test
    void aRecordGoesWithTheLastFormOfItsLayer() throws IOException {
        Descriptor blob = blob("layer", 1);
        CacheKey key = new CacheKey(Digest.of(new byte[] {1}));
        filling.record(key, record(blob));
        filling.close();
        try (Cache cache = Cache.open(root, Maker.named("collecting"))) {
            Collector collector = new Collector(cache);
            collector.collect((all, live) -> List.of(), BUDGET);
            assertThat(cache.find(key)).isPresent();
            collector.collect((all, live) -> Victims.freeing(1, all, live.entries()), BUDGET);
            assertThat(cache.find(key)).isEmpty();
        }
    }

    @Test
    void whatADeadProcessWasMakingIsRemovedAndWhatALiveOneMakesStays() throws IOException {
        Path dead = Files.createDirectory(filling.workspace().resolve(UUID.randomUUID() + ".blob-1"));
        Files.writeString(dead.resolve("half"), "half a blob");
        Path nobodys = Files.createDirectory(filling.workspace().resolve("what"));
        usedDaysAgo(nobodys, 2);
        Path mine = filling.newDirectory("blob");
        Path young = Files.createDirectory(filling.workspace().resolve("probe"));

        new Collector(filling).collect((all, live) -> List.of(), BUDGET);

        assertThat(dead).doesNotExist();
        assertThat(nobodys).doesNotExist();
        assertThat(mine).exists();
        assertThat(young).exists();
    }

    @Test
    void whatIsKnownOfUrlsAndContentsCountsAndOldUrlsGo() throws IOException {
        Path old = Files.write(root.resolve("urls/old.json"), new byte[10]);
        Path young = Files.write(root.resolve("urls/young.json"), new byte[10]);
        Files.write(root.resolve("contents"), new byte[2 * BLOCK]);
        usedDaysAgo(old, 100);
        assertThat(Inventory.of(filling).bytes()).isEqualTo(4 * BLOCK);

        new Collector(filling).collect((all, live) -> List.of(), BUDGET);

        assertThat(old).doesNotExist();
        assertThat(young).exists();
        assertThat(root.resolve("contents")).exists();
    }

    @Test
    void aUrlThatIsAskedForIsUsed() throws IOException {
        String url = "https://example.com/file";
        filling.keep(url, new SeenFile("\"tag\"", Digest.of(new byte[0]), null));
        Path file = root.resolve(
                "urls/" + Digest.of(url.getBytes(StandardCharsets.UTF_8)).hex() + ".json");
        usedDaysAgo(file, 80);
        assertThat(filling.seenFile(url)).isPresent();
        assertThat(age(file)).isLessThan(Duration.ofMinutes(5));
    }

    @Test
    void aProcessThatWasTakenForDeadNeverPublishesAHalf() throws Exception {
        int most = 400;
        for (int round = 0; round < 10; round++) {
            Path folder = Files.createDirectory(filling.workspace().resolve(UUID.randomUUID() + ".layer-1"));
            Path made = Files.createDirectory(folder.resolve("fs"));
            for (int i = 0; i < most; i++) {
                Files.createFile(made.resolve("f" + i));
            }
            Path published = filling.workspace().resolve("published");
            Thread thawed = Thread.ofPlatform().start(() -> {
                while (count(made) == most) {
                    Thread.onSpinWait();
                }
                try {
                    Files.move(made, published);
                } catch (IOException e) {
                    return; // All of it is gone.
                }
            });
            new Collector(filling).collect((all, live) -> List.of(), BUDGET);
            thawed.join();
            assertThat(published).as("a half").doesNotExist();
        }
    }

    private static int count(Path folder) {
        String[] names = folder.toFile().list();
        return names == null ? 0 : names.length;
    }

    @Test
    void cacheMountsAreCollectedToo() throws IOException {
        Path mount = filling.mount("go");
        Files.createDirectories(mount.resolve("fs/pkg"));
        Files.write(mount.resolve("fs/pkg/a"), new byte[BLOCK]);
        Files.createDirectory(mount.resolve("fs/closed"));
        filling.close();
        try (Cache cache = Cache.open(root, Maker.named("collecting"))) {
            Collector collector = new Collector(cache);
            collector.collect((all, live) -> Victims.freeing(1, all, live.entries()), BUDGET);
            assertThat(mount).doesNotExist();
        }
    }

    @Test
    void aUseIsWrittenDownOnceAnHour() throws IOException {
        Descriptor blob = blob("blob", 1);
        filling.close();
        Path file = root.resolve("blobs/sha256/" + blob.digest().hex());
        usedDaysAgo(file, 1);
        try (Cache cache = Cache.open(root, Maker.named("using"))) {
            cache.blob(blob);
            assertThat(age(file)).isLessThan(Duration.ofMinutes(5));
        }
        FileTime recently = FileTime.from(Instant.now().minus(Duration.ofMinutes(30)));
        Files.setLastModifiedTime(file, recently);
        try (Cache cache = Cache.open(root, Maker.named("using"))) {
            cache.blob(blob);
            assertThat(Files.getLastModifiedTime(file)).isEqualTo(recently);
        }
    }

    @Test
    void whatABuildHasFoundStaysThereWhateverIsCollectedBesideIt() throws Exception {
        filling.close();
        AtomicBoolean ends = new AtomicBoolean();
        try (Cache collecting = Cache.open(root, Maker.named("collecting"))) {
            Thread collector = Thread.ofPlatform().start(() -> {
                Collector all = new Collector(collecting);
                while (!ends.get()) {
                    try {
                        all.collect(
                                (entries, live) -> Victims.freeing(Long.MAX_VALUE, entries, live.entries()), BUDGET);
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
            });
            int found = 0;
            try {
                for (int i = 0; i < 60; i++) {
                    Descriptor blob;
                    try (Cache maker = Cache.open(root, Maker.named("making"))) {
                        blob = blob(maker, "blob " + i, 1);
                    }
                    try (Cache build = Cache.open(root, Maker.named("building"))) {
                        Optional<Path> file = build.blob(blob);
                        if (file.isPresent()) {
                            found++;
                            Thread.sleep(1);
                            assertThat(file.get()).exists();
                        }
                    }
                }
            } finally {
                ends.set(true);
                collector.join();
            }
            assertThat(found).as("blobs that were still there").isPositive();
        }
    }

    private Descriptor blob(String content, int blocks) throws IOException {
        return blob(filling, content, blocks);
    }

    private static Descriptor blob(Cache cache, String content, int blocks) throws IOException {
        byte[] bytes = content.repeat(blocks * BLOCK / content.length()).getBytes(StandardCharsets.UTF_8);
        Path aside = cache.newDirectory("blob").resolve("blob");
        Files.write(aside, bytes);
        Digest digest = Digest.of(bytes);
        cache.publishBlob(digest, aside);
        Files.delete(aside.getParent());
        return new Descriptor(MediaTypes.OCI_LAYER, digest, bytes.length);
    }

    private Path layer(String name, int blocks) throws IOException {
        Path aside = Files.createDirectory(filling.newDirectory("layer").resolve("fs"));
        Files.write(aside.resolve("file"), new byte[blocks * BLOCK]);
        Path place = filling.publishLayer(new DiffId(Digest.of(name.getBytes(StandardCharsets.UTF_8))), aside);
        Files.delete(aside.getParent());
        return place;
    }

    private static StepRecord record(Descriptor blob) {
        return new StepRecord(
                "COPY . /",
                new DiffId(blob.digest()),
                blob.sizeBytes(),
                Map.of("none", blob),
                Instant.EPOCH,
                Duration.ofSeconds(1),
                Map.of(),
                Maker.named("test"));
    }

    private static void usedDaysAgo(Path path, int days) throws IOException {
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofDays(days))));
    }

    private static Duration age(Path path) throws IOException {
        return Duration.between(Files.getLastModifiedTime(path).toInstant(), Instant.now());
    }
}
