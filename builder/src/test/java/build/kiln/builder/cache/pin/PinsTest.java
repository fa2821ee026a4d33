package build.kiln.builder.cache.pin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What live processes use, seen by others.
class PinsTest {

    @TempDir
    private Path home;

    @Test
    void whatIsPinnedAndReservedIsSeenUntilTheProcessEnds() throws IOException {
        try (Pins one = Pins.open(home);
                Pins two = Pins.open(home)) {
            assertThat(one.add("blobs/sha256/a")).isTrue();
            assertThat(one.add("blobs/sha256/a")).as("a second time").isFalse();
            two.add("layers/sha256/b");
            one.reserve(1000);
            two.reserve(500);
            one.wrote(300);

            LivePins live = live();
            assertThat(live.entries()).containsExactlyInAnyOrder("blobs/sha256/a", "layers/sha256/b");
            assertThat(live.processes()).containsExactlyInAnyOrder(one.id(), two.id());
            assertThat(live.reservedBytes()).as("what is not written yet").isEqualTo(1200);

            one.wrote(5000);
            assertThat(live().reservedBytes()).as("more than was reserved").isEqualTo(500);
        }
        assertThat(live()).isEqualTo(new LivePins(java.util.Set.of(), java.util.Set.of(), 0));
    }

    @Test
    void thousandsOfPinsAreKept() throws IOException {
        try (Pins pins = Pins.open(home)) {
            for (int i = 0; i < 2000; i++) {
                pins.add("blobs/sha256/" + i);
            }
            assertThat(live().entries()).hasSize(2000);
        }
    }

    @Test
    void aProcessThatIsSeenToLiveByItsLockAloneCounts() throws IOException {
        try (Pins pins = Pins.open(home)) {
            pins.add("blobs/sha256/a");
            Files.setLastModifiedTime(home.resolve(pins.id()), anHourAgo());
            assertThat(live().entries()).containsExactly("blobs/sha256/a");
        }
    }

    @Test
    void aProcessOnAnotherHostCountsAsLongAsItWrites() throws IOException {
        Path foreign = Files.writeString(home.resolve("foreign"), "00000000000000000007\nblobs/sha256/a\n");
        assertThat(live().entries()).containsExactly("blobs/sha256/a");
        assertThat(live().reservedBytes()).isEqualTo(7);

        Files.setLastModifiedTime(foreign, anHourAgo());
        assertThat(live().entries()).isEmpty();
        assertThat(foreign).as("pins of the dead").doesNotExist();
    }

    @Test
    void whatNfsKeepsOfRemovedPinsPinsNothing() throws IOException {
        Files.writeString(home.resolve(".nfs000000000000001b00000001"), "00000000000000000007\nblobs/sha256/a\n");
        assertThat(live()).isEqualTo(new LivePins(Set.of(), Set.of(), 0));
    }

    @Test
    void aProcessThatWasTakenForDeadSaysAnewWhatItUses() throws IOException {
        try (Pins pins = Pins.open(home)) {
            pins.add("blobs/sha256/a");
            Files.delete(home.resolve(pins.id()));
            assertThat(live().entries()).isEmpty();

            pins.showAgain();
            pins.add("blobs/sha256/b");

            Files.setLastModifiedTime(home.resolve(pins.id()), anHourAgo());
            assertThat(live().entries())
                    .as("by its lock")
                    .containsExactlyInAnyOrder("blobs/sha256/a", "blobs/sha256/b");
        }
        assertThat(live().processes()).isEmpty();
    }

    private static FileTime anHourAgo() {
        return FileTime.from(Instant.now().minus(Duration.ofHours(1)));
    }

    private LivePins live() throws IOException {
        return LivePins.read(home, FileTime.from(Instant.now()));
    }
}
