package build.kiln.builder.execute;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.lock.Holder;
import build.kiln.builder.cache.lock.Lease;
import build.kiln.builder.cache.lock.Locks;
import build.kiln.builder.cache.lock.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastTurnTest {

    @TempDir
    private Path volume;

    @Test
    void aFinishedTurnIsGivenBackWhenTheStageWaits() throws IOException {
        try (LastTurn last = new LastTurn(Progress.none())) {
            last.keep(turn("first"));
            assertThat(isFree("first")).isFalse();

            last.waits();

            assertThat(isFree("first")).isTrue();
        }
    }

    @Test
    void theNextFinishedTurnTakesItsPlace() throws IOException {
        try (LastTurn last = new LastTurn(Progress.none())) {
            last.keep(turn("first"));
            last.keep(turn("second"));

            assertThat(isFree("first")).isTrue();
            assertThat(isFree("second")).isFalse();
        }
        assertThat(isFree("second")).isTrue();
    }

    private StepTurns.StepTurn turn(String key) throws IOException {
        return new StepTurns.StepTurn(Optional.empty(), ((Turn.Mine) take(key).orElseThrow()).holding(), null);
    }

    private boolean isFree(String key) throws IOException {
        Optional<Turn> turn = take(key);
        turn.ifPresent(mine -> ((Turn.Mine) mine).holding().close());
        return turn.isPresent();
    }

    private Optional<Turn> take(String key) throws IOException {
        Path workspace = Files.createDirectories(volume.resolve("tmp"));
        return new Locks(volume.resolve("locks"), workspace, Holder.here("test"), Lease.DEFAULT).tryTake(key);
    }
}
