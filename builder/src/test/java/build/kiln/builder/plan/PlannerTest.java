package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The project's own cases: folders under `src/test/resources/plan`.
class PlannerTest {

    static Stream<GoldenCase> plans() {
        return GoldenCase.all("plans");
    }

    static Stream<GoldenCase> rejects() {
        return GoldenCase.all("rejects");
    }

    @ParameterizedTest
    @MethodSource("plans")
    void planIsTheGoldenOne(GoldenCase golden) {
        String seen = PlanJson.of(golden.plan());
        assertThat(seen).isEqualTo(golden.expected("plan.json", seen));
    }

    @ParameterizedTest
    @MethodSource("rejects")
    void refusalSaysWhatWhereAndWhatToDo(GoldenCase golden) {
        BuildFailure failure = catchThrowableOfType(BuildFailure.class, golden::plan);
        assertThat(failure)
                .as("the case is planned although it should be refused")
                .isNotNull();
        String seen = failure.reason() + "\n" + failure.getMessage() + "\n";
        assertThat(seen).isEqualTo(golden.expected("error.txt", seen));
    }
}
