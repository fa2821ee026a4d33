package build.kiln.operator.imagebuild;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.operator.queue.BuildKey;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QueueNotesTest {

    private final List<BuildKey> woken = new ArrayList<>();
    private final QueueNotes notes = new QueueNotes(woken::add);

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
