package build.kiln.local.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperatorTrainingIT {

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final List<Path> DEFINITIONS = List.of(Path.of("../helm/kiln/crds/imagebuilds.kiln.build.yaml"));

    @Test
    void anOperatorOfItsOwnEndsAllBuilds() throws Exception {
        List<String> operator = List.of(
                JAVA.toString(),
                "@../images/operator/java-options",
                "-cp",
                System.getProperty("java.class.path"),
                "build.kiln.operator.app.Operator");
        assertThat(new OperatorTraining(DEFINITIONS, Clock.systemUTC()).run(operator))
                .isTrue();
    }

    @Test
    void anOperatorThatEndsEarlyHasNotBeenTrained() throws Exception {
        assertThat(new OperatorTraining(DEFINITIONS, Clock.systemUTC()).run(List.of("false")))
                .isFalse();
    }
}
