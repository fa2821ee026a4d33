package build.kiln.builder.cache.collect;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.Maker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real volumes of single builds, some of them long unused.
class OwnVolumesTest {

    @TempDir
    private Path home;

    @Test
    void aVolumeThatNobodyHasUsedForAWeekIsRemovedWhole() throws IOException {
        volume("old", Duration.ofDays(8));
        Files.writeString(home.resolve("old/blobs/sha256/something"), "something");
        usedBefore("old", Duration.ofDays(8));
        volume("young", Duration.ofDays(6));

        assertThat(new OwnVolumes(home).removeForgotten()).containsExactly("old");
        assertThat(home.toFile().list()).containsExactly("young");
    }

    @Test
    void aBuildThatIsAtWorkKeepsItsVolumeHoweverLongAgoItBegan() throws IOException {
        try (Cache cache = Cache.open(home.resolve("busy"), Maker.named("build"))) {
            assertThat(cache.pins()).isPresent();
            usedBefore("busy", Duration.ofDays(30));
            assertThat(new OwnVolumes(home).removeForgotten()).isEmpty();
            assertThat(home.resolve("busy/blobs")).isDirectory();
        }
    }

    @Test
    void whatAKilledRemovalHasLeftIsRemovedAndWhatIsNoVolumeStays() throws IOException {
        Files.createDirectories(home.resolve("removed-1/layers"));
        Files.createDirectories(home.resolve("lost+found"));
        assertThat(new OwnVolumes(home).removeForgotten()).isEmpty();
        assertThat(home.toFile().list()).containsExactly("lost+found");
    }

    @Test
    void withoutTheDirectoryNothingHappens() {
        assertThat(new OwnVolumes(home.resolve("none")).removeForgotten()).isEmpty();
    }

    private void volume(String name, Duration unused) throws IOException {
        Cache.open(home.resolve(name), Maker.named("build")).close();
        usedBefore(name, unused);
    }

    private void usedBefore(String name, Duration ago) throws IOException {
        Files.setLastModifiedTime(
                home.resolve(name).resolve("pins"), FileTime.from(Instant.now().minus(ago)));
    }
}
