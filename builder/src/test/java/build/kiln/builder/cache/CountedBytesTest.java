package build.kiln.builder.cache;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.collect.Collector;
import build.kiln.builder.cache.collect.Limits;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountedBytesTest {

    private static final Duration BUDGET = Duration.ofSeconds(20);

    @TempDir
    private Path root;

    @Test
    void nothingIsLostHoweverManyAddAtTheSameTime() throws Exception {
        Cache.open(root, Maker.named("first")).close();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            // Each has the file open for itself, as processes have.
            CountedBytes counted = new CountedBytes(root);
            all.add(Thread.ofPlatform().start(() -> {
                for (int j = 0; j < 50; j++) {
                    counted.add(3);
                }
            }));
        }
        for (Thread one : all) {
            one.join();
        }
        assertThat(new CountedBytes(root).known()).isEqualTo(8 * 50 * 3);
    }

    @Test
    void aBuildThatIsKilledHasCountedWhatItWrote() throws IOException {
        Cache killed = Cache.open(root, Maker.named("killed"));
        publish(killed, "one", 10_000);

        assertThat(Cache.open(root, Maker.named("next")).counted().known()).isEqualTo(10_000);
    }

    @Test
    void aCollectionCountsAnew() throws IOException {
        try (Cache cache = Cache.open(root, Maker.named("here"))) {
            publish(cache, "one", 10_000);
            Files.writeString(root.resolve("usage"), "no number");
            assertThat(cache.counted().known()).isEqualTo(-1);
            cache.wrote(5);
            assertThat(cache.counted().known())
                    .as("what is not known stays unknown")
                    .isEqualTo(-1);

            Collector collector = new Collector(cache);
            long kept = collector
                    .collect(collector.within(new Limits(Long.MAX_VALUE, 0)), BUDGET)
                    .keptBytes();
            assertThat(kept).isEqualTo(3 * 4096);
            assertThat(cache.counted().known()).isEqualTo(kept);
        }
    }

    @Test
    void whatIsAddedWhileACollectionCountsIsCounted() throws IOException {
        try (Cache cache = Cache.open(root, Maker.named("here"))) {
            Collector collector = new Collector(cache);
            long kept = collector
                    .collect(
                            (all, live) -> {
                                publish(cache, "meanwhile", 10_000);
                                return List.of();
                            },
                            BUDGET)
                    .keptBytes();
            assertThat(kept).isZero();
            assertThat(cache.counted().known()).isEqualTo(10_000);
        }
    }

    private static void publish(Cache cache, String name, int bytes) throws IOException {
        Path made = Files.write(cache.workspace().resolve(name), new byte[bytes]);
        cache.publishBlob(Digest.of(name.getBytes(StandardCharsets.UTF_8)), made);
    }
}
