package build.kiln.builder.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Nothing but its own failures may come out of whatever reads what others wrote, and soon.
///
/// A moment each by default; `./kiln fuzz` makes it a search.
class FuzzTest {

    private static final long INPUTS = Long.getLong("kiln.fuzz", 300L);
    private static final long SEED = Long.getLong("kiln.fuzz.seed", 1L);

    @ParameterizedTest
    @MethodSource("targets")
    void everyInputIsReadOrRefused(FuzzTarget target) throws InterruptedException {
        Fuzz.Result result = new Fuzz(target, Path.of("target", "fuzz")).run(INPUTS, SEED);

        System.out.println(
                target.name() + ": " + result.inputs() + " inputs, " + result.refused() + " of them refused");
        assertThat(result.findings()).isEmpty();
        assertThat(result.refused()).as("some are refused, and some are not").isBetween(1L, INPUTS - 1);
    }

    static List<FuzzTarget> targets() throws IOException {
        return FuzzTargets.all();
    }
}
