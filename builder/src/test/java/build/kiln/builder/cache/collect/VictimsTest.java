package build.kiln.builder.cache.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What goes, and in which order.
class VictimsTest {

    private static final List<Entry> ALL = List.of(
            entry(Entry.Kind.BLOB, "young", 10, 30),
            entry(Entry.Kind.LAYER, "old", 10, 10),
            entry(Entry.Kind.MOUNT, "middle", 10, 20),
            entry(Entry.Kind.STEP, "record", 10, 1),
            entry(Entry.Kind.LAST_BUILD, "last", 10, 1));

    @Test
    void theLeastRecentlyUsedGoFirstAndNoMoreThanNeeded() {
        assertThat(names(Victims.freeing(1, ALL, Set.of()))).containsExactly("old");
        assertThat(names(Victims.freeing(10, ALL, Set.of()))).containsExactly("old");
        assertThat(names(Victims.freeing(11, ALL, Set.of()))).containsExactly("old", "middle");
    }

    @Test
    void nothingGoesWhereNothingIsTooMuch() {
        assertThat(Victims.freeing(0, ALL, Set.of())).isEmpty();
        assertThat(Victims.freeing(-5, ALL, Set.of())).isEmpty();
    }

    @Test
    void whatIsInUseStays() {
        assertThat(names(Victims.freeing(Long.MAX_VALUE, ALL, Set.of("old")))).containsExactly("middle", "young");
        assertThat(names(Victims.unusedSince(time(25), ALL, Set.of("old")))).containsExactly("middle");
    }

    @Test
    void recordsAreNoVictims() {
        assertThat(names(Victims.freeing(Long.MAX_VALUE, ALL, Set.of()))).containsExactly("old", "middle", "young");
    }

    private static List<String> names(List<Entry> entries) {
        return entries.stream().map(Entry::name).toList();
    }

    private static Entry entry(Entry.Kind kind, String name, long size, long used) {
        return new Entry(kind, name, size, time(used));
    }

    private static FileTime time(long seconds) {
        return FileTime.from(Instant.ofEpochSecond(seconds));
    }
}
