package build.kiln.operator.imagebuild;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.operator.queue.BuildKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QueueNotesTest {

    private final List<BuildKey> woken = new ArrayList<>();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
    private final QueueNotes notes = new QueueNotes(now::get, woken::add);

    @Test
    void soManyPlacesAreWrittenAtOnceAndThenOneAfterEachPause() {
        for (int i = 0; i < QueueNotes.PLACES; i++) {
            assertThat(notes.mayWritePlace()).isTrue();
        }
        assertThat(notes.mayWritePlace()).isFalse();
        now.updateAndGet(time -> time.plus(QueueNotes.PAUSE));
        assertThat(notes.mayWritePlace()).isTrue();
        assertThat(notes.mayWritePlace()).isFalse();
        now.updateAndGet(time -> time.plus(Duration.ofHours(1)));
        for (int i = 0; i < QueueNotes.PLACES; i++) {
            assertThat(notes.mayWritePlace()).isTrue();
        }
        assertThat(notes.mayWritePlace()).isFalse();
    }

    @Test
    void fewWriteAtATimeAndTheOthersAreWokenInTheirOrder() {
        fill();

        assertThat(notes.mayWrite(build("first"))).isFalse();
        assertThat(notes.mayWrite(build("second"))).isFalse();
        notes.lookedAt(build("first"));
        notes.lookedAt(build("second"));
        assertThat(woken).isEmpty();

        notes.lookedAt(build("0"));
        notes.lookedAt(build("1"));
        assertThat(woken).containsExactly(build("first"), build("second"));
    }

    @Test
    void whoIsWokenMayWriteAndNobodyElseInItsPlace() {
        fill();
        notes.mayWrite(build("first"));
        notes.lookedAt(build("0"));

        assertThat(notes.mayWrite(build("late"))).isFalse();
        assertThat(notes.mayWrite(build("first"))).isTrue();
    }

    @Test
    void whoIsWokenAndHasNothingToWriteAnyMoreMakesRoomForTheNext() {
        fill();
        notes.mayWrite(build("first"));
        notes.mayWrite(build("second"));
        notes.lookedAt(build("0"));

        notes.lookedAt(build("first"));

        assertThat(woken).containsExactly(build("first"), build("second"));
    }

    @Test
    void nobodyWaitsForOneThatIsGone() {
        fill();
        notes.mayWrite(build("first"));
        notes.mayWrite(build("second"));
        notes.gone(build("first"));

        notes.gone(build("0"));

        assertThat(woken).containsExactly(build("second"));
    }

    /// As many as may write at a time.
    private void fill() {
        IntStream.range(0, QueueNotes.AT_ONCE)
                .forEach(i ->
                        assertThat(notes.mayWrite(build(Integer.toString(i)))).isTrue());
    }

    private static BuildKey build(String name) {
        return new BuildKey("team-a", name);
    }
}
