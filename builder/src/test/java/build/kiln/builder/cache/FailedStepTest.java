package build.kiln.builder.cache;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.collect.Collector;
import build.kiln.builder.cache.collect.Limits;
import build.kiln.builder.cache.lock.Holding;
import build.kiln.builder.cache.lock.Turn;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailedStepTest {

    private static final CacheKey KEY = new CacheKey(Digest.of("step".getBytes(StandardCharsets.UTF_8)));

    @TempDir
    private Path root;

    private Cache cache;
    private Path file;

    @BeforeEach
    void openVolume() {
        cache = Cache.open(root, Maker.named("here"));
        file = root.resolve("failed").resolve(KEY + ".json");
    }

    @AfterEach
    void closeVolume() {
        cache.close();
    }

    @Test
    void theLastTwoBuildersAreKept() throws IOException {
        FailedStep failed = new FailedStep(List.of("a", "b", "c"), 3, List.of("line \u0001", "é"));
        try (Holding lock = ((Turn.Mine) cache.locks().tryTake("step").orElseThrow()).holding()) {
            cache.recordFailure(KEY, failed, lock);
        }
        assertThat(cache.failure(KEY)).contains(failed);
        assertThat(failed.runners()).containsExactly("b", "c");
        assertThat(failed.isConfirmed()).isTrue();
        assertThat(new FailedStep(List.of("a"), 3, List.of()).isConfirmed()).isFalse();
    }

    @Test
    void whatIsNoFailureIsNone() throws IOException {
        for (String text : List.of("", "[]", "{}", "{\"exitCode\":\"3\"}", "x".repeat(70_000))) {
            Files.writeString(file, text);
            assertThat(cache.failure(KEY)).as(text).isEmpty();
        }
    }

    @Test
    void aFailureIsCollectedADayLater() throws IOException {
        Collector collector = new Collector(cache);
        Files.writeString(file, "{}");
        collector.collect(collector.within(new Limits(Long.MAX_VALUE, 0)), Duration.ofSeconds(20));
        assertThat(file).exists();

        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
        collector.collect(collector.within(new Limits(Long.MAX_VALUE, 0)), Duration.ofSeconds(20));
        assertThat(file).doesNotExist();
    }
}
