package build.kiln.builder.cache.miss;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which instruction of the last build is which one of now.
class SameInstructionsTest {

    @Test
    void anUnchangedStageIsPairedOneByOne() {
        assertThat(pairs("RUN a|COPY b|RUN c", "RUN a|COPY b|RUN c")).containsExactly("RUN a", "COPY b", "RUN c");
    }

    @Test
    void whatWasPutInIsNewAndMovesNothing() {
        assertThat(pairs("RUN a|RUN b", "RUN a|RUN x|RUN b")).containsExactly("RUN a", "new", "RUN b");
        assertThat(pairs("RUN a", "RUN x|RUN a")).containsExactly("new", "RUN a");
        assertThat(pairs("RUN a", "RUN a|RUN x")).containsExactly("RUN a", "new");
    }

    @Test
    void whatWasTakenOutIsNobodys() {
        assertThat(pairs("RUN a|RUN x|RUN b", "RUN a|RUN b")).containsExactly("RUN a", "RUN b");
    }

    @Test
    void whatWasChangedIsPairedByItsKeyword() {
        assertThat(pairs("RUN a|COPY b|RUN c", "RUN a|COPY x|RUN c")).containsExactly("RUN a", "COPY b", "RUN c");
        assertThat(pairs("RUN a|RUN b|COPY c", "RUN a|RUN y|WORKDIR z|COPY c"))
                .containsExactly("RUN a", "RUN b", "new", "COPY c");
        assertThat(pairs("RUN a|RUN b", "RUN x|RUN y")).containsExactly("RUN a", "RUN b");
    }

    @Test
    void equalInstructionsKeepTheirOrder() {
        assertThat(pairs("RUN a|RUN b|RUN a", "RUN a|RUN a")).containsExactly("RUN a", "RUN a");
    }

    @Test
    void nothingBeforeMakesAllNew() {
        assertThat(SameInstructions.of(List.of(), written("RUN a"))).allMatch(java.util.Optional::isEmpty);
    }

    private static List<String> pairs(String before, String now) {
        List<StepFacts> facts = Arrays.stream(before.split("\\|"))
                .map(SameInstructionsTest::facts)
                .toList();
        return SameInstructions.of(facts, written(now)).stream()
                .map(one -> one.map(StepFacts::instruction).orElse("new"))
                .toList();
    }

    private static List<SameInstructions.Written> written(String all) {
        return Arrays.stream(all.split("\\|"))
                .map(one -> new SameInstructions.Written(StepFacts.keyword(one), one))
                .toList();
    }

    private static StepFacts facts(String instruction) {
        return StepFacts.of(
                instruction,
                instruction,
                new StepFacts.Start("scratch", "", 0),
                List.of(),
                Json.bytes(Json.object()),
                Map.of(),
                null,
                Map.of(),
                StepFacts.State.FINISHED);
    }
}
