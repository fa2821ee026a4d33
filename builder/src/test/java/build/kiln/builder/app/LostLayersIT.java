package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Layers that are taken from under a RUN, as another host does it with those of a builder that was frozen for long.
@InNamespaces
@Timeout(60)
class LostLayersIT {

    @TempDir
    private Path own;

    @Test
    void whatARunHasMadeOfALayerThatWasTakenFromUnderItCountsForNothing() throws Exception {
        Path context = BusyboxContext.make(
                own.resolve("context"),
                BusyboxContext.START + "RUN mkdir /data && touch /data/a /data/b\n" + "RUN " + BusyboxContext.GATE
                        + " touch /gate/here; " + BusyboxContext.AT_THE_GATE + "; ls /data | wc -l > /count\n");
        Path cache = own.resolve("cache");
        Path root = own.resolve("root");
        CompletableFuture<LocalRuns.Ended> build = CompletableFuture.supplyAsync(() -> LocalRuns.run(
                own, "build", "--cache-dir", cache.toString(), "-o", root.toString(), context.toString()));
        while (find(cache.resolve("mounts"), "here") == null) {
            assertThat(build).isNotDone();
            Thread.sleep(20);
        }
        Path data = find(cache.resolve("layers"), "data");
        Objects.requireNonNull(data);
        Leftovers.delete(data.resolve("../..").normalize());
        BusyboxContext.openGate(cache);
        LocalRuns.Ended ended = build.get(50, TimeUnit.SECONDS);

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.err()).contains("of a layer was taken away while a step used it. The step runs again.");
        assertThat(root.resolve("count")).hasContent("2\n");
    }

    private static @Nullable Path find(Path folder, String name) throws IOException {
        if (!Files.exists(folder)) {
            return null;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> path.endsWith(name)).findFirst().orElse(null);
        } catch (UncheckedIOException e) {
            return null; // It changes while it is looked at.
        }
    }
}
