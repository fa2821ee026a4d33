package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BuilderProcess;
import build.kiln.builder.testing.BusyboxContext;
import build.kiln.builder.testing.CacheVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A RUN that looks for the cache volume, to put something into it that other builds would take.
@InNamespaces
class ForgedEntriesIT {

    private static final String CANARY = "canary-of-the-cache-volume";

    @TempDir
    private Path own;

    @Test
    void aRunNeitherSeesTheVolumeNorWritesToItByAnyPath() throws Exception {
        Path cache = own.resolve("cache");
        for (String room : new String[] {"steps", "layers", "blobs", "locks", "tmp"}) {
            Files.writeString(Files.createDirectories(cache.resolve(room)).resolve(CANARY), room);
        }
        // By its path, by the working directories and roots of all processes, from the mount's parent, through a link.
        Path context = BusyboxContext.make(own.resolve("context"), BusyboxContext.START + """
                RUN --mount=type=cache,id=c,target=/c \\
                    for place in %1$s /proc/[0-9]*/root%1$s /proc/[0-9]*/cwd /c/.. /c/../.. / /dev /sys /proc/self/fd; do \\
                      for found in $place/%2$s $place/*/%2$s $place/*/*/%2$s; do \\
                        if [ -e $found ]; then echo SEEN $found; fi; \\
                      done; \\
                    done; \\
                    /bin/busybox ln -s %1$s/steps /c/steps; \\
                    mkdir -p %1$s/steps; \\
                    for place in %1$s/steps /c/steps /c/../steps /proc/1/root%1$s/steps; do \\
                      echo '{"forged": true}' > $place/forged.json; \\
                    done; \\
                    echo tried
                """.formatted(cache, CANARY));
        String first = build("first", cache, context);

        assertThat(first).contains(" tried\n").doesNotContainPattern("#[0-9]+ [0-9.]+ SEEN");
        try (Stream<Path> all = Files.walk(cache)) {
            assertThat(all.filter(file -> file.getFileName().toString().equals("forged.json"))
                            .map(file -> cache.relativize(file).toString()))
                    .as("what the RUN wrote is in its own layer and nowhere else")
                    .isNotEmpty()
                    .allMatch(file -> file.matches("layers/sha256/[0-9a-f]{64}/fs/.*"));
        }
        // A file among the records that is none may be taken away by the collection at a build's end; never changed.
        Path amongRecords = cache.resolve("steps").resolve(CANARY);
        assertThat(amongRecords)
                .satisfiesAnyOf(
                        file -> assertThat(file).doesNotExist(),
                        file -> assertThat(file).hasContent("steps"));
        Files.deleteIfExists(amongRecords);
        for (String room : new String[] {"layers", "blobs", "locks", "tmp"}) {
            assertThat(cache.resolve(room).resolve(CANARY)).hasContent(room);
            Files.delete(cache.resolve(room).resolve(CANARY));
        }
        assertThat(CacheVolume.assertWhole(cache)).isEqualTo(3);
    }

    private String build(String name, Path cache, Path context) throws IOException, InterruptedException {
        try (BuilderProcess process =
                BuilderProcess.start(own.resolve(name + ".log"), "--cache-dir", cache.toString(), context.toString())) {
            return process.succeeded();
        }
    }
}
