package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Builds on a cache volume of its own that is full, or gets full at every point of a build.
@InNamespaces
class FullVolumeIT {

    private static final int POINTS = 20;
    private static final int MIB = 1 << 20;
    private static final int VOLUME = 32 * MIB;
    private static final int LEAST = 200_000;

    @TempDir
    private Path own;

    private Path volume;
    private Path context;
    private String digest;

    @BeforeEach
    void mountVolume() throws IOException {
        volume = Files.createDirectory(own.resolve("volume"));
        Mounts.mount(
                "tmpfs".getBytes(StandardCharsets.US_ASCII),
                NativePath.of(volume),
                "tmpfs",
                Set.of(),
                ("size=" + VOLUME).getBytes(StandardCharsets.US_ASCII));
        context = BusyboxContext.make(own.resolve("context"), BusyboxContext.START + """
                RUN seq 250000 > /first
                FROM scratch
                COPY --from=0 /bin /bin
                COPY --from=0 /first /second
                SHELL ["/bin/busybox", "sh", "-c"]
                RUN /bin/busybox seq 100000 350000 > /third
                """);
        LocalRuns.Ended elsewhere = build(own.resolve("elsewhere"));
        assertThat(elsewhere.status()).as(elsewhere.err()).isZero();
        digest = elsewhere.out();
    }

    @AfterEach
    void unmountVolume() throws IOException {
        Mounts.detach(NativePath.of(volume));
    }

    @Test
    void whereverTheRoomEndsTheBuildSucceedsAndTheVolumeIsInOrderAfterwards() throws IOException {
        Path whole = volume.resolve("whole");
        long empty = Files.getFileStore(volume).getUsableSpace();
        assertThat(build(whole).status()).isZero();
        long needed = empty - Files.getFileStore(volume).getUsableSpace();
        delete(whole);
        int elsewhere = 0;
        for (int point = 0; point < POINTS; point++) {
            Path cache = volume.resolve("cache-" + point);
            // At the first a build can just begin; at the last, what it writes at its end is too much.
            Path filler = fill(LEAST + (needed - 2 * LEAST) * point / (POINTS - 1));

            LocalRuns.Ended full = build(cache);
            assertThat(full.status()).as("point %d%n%s", point, full.err()).isZero();
            assertThat(full.out()).as("point %d%n%s", point, full.err()).isEqualTo(digest);
            elsewhere += full.err().contains("is full, and what is on it is in use") ? 1 : 0;

            Files.delete(filler);
            assertThat(LocalRuns.run(own, "cache", "verify", "--cache-dir", cache.toString())
                            .out())
                    .as("point %d", point)
                    .contains("Damaged and forgotten: 0.");
            LocalRuns.Ended after = build(cache);
            assertThat(after.out()).as("point %d%n%s", point, after.err()).isEqualTo(digest);
            delete(cache);
        }
        assertThat(elsewhere).as("builds that had to go on elsewhere").isEqualTo(POINTS);
    }

    @Test
    void aVolumeThatIsFullOfWhatNobodyUsesIsCollectedAndTheBuildStaysOnIt() throws IOException {
        Path cache = volume.resolve("cache");
        assertThat(build(cache).status()).isZero();
        Path dockerfile = context.resolve("Dockerfile");
        Files.writeString(dockerfile, Files.readString(dockerfile).replace("50000", "50001"));
        Path filler = fill(300_000);

        LocalRuns.Ended full = build(cache, "--cache-max-size", "1g");

        assertThat(full.status()).as(full.err()).isZero();
        assertThat(full.err()).doesNotContain("the build goes on in ");
        Files.delete(filler);
        assertThat(LocalRuns.run(own, "cache", "verify", "--cache-dir", cache.toString())
                        .status())
                .isZero();
    }

    /// A file that leaves so much of the volume.
    private Path fill(long left) throws IOException {
        Path filler = volume.resolve("filler");
        long size = Files.getFileStore(volume).getUsableSpace() - left;
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(filler)) {
            for (long done = 0; done + block.length <= size; done += block.length) {
                out.write(block);
            }
        }
        return filler;
    }

    private static void delete(Path folder) throws IOException {
        build.kiln.builder.cache.Leftovers.delete(folder);
    }

    private LocalRuns.Ended build(Path cache, String... flags) {
        List<String> all = new ArrayList<>(List.of("build", "--cache-dir", cache.toString()));
        all.addAll(List.of(flags));
        all.add(context.toString());
        return LocalRuns.run(own, all.toArray(String[]::new));
    }
}
