package build.kiln.crds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Holds the committed CRD to the types. With `-Dkiln.regenerate=true` it writes it instead.
class CommittedCrdTest {

    static final String COMMAND = "./mvnw -q -pl crds test -Dtest=CommittedCrdTest -Dkiln.regenerate=true";
    static final Path COMMITTED = Path.of("..", "helm", "kiln", "crds", "imagebuilds.kiln.build.yaml");

    @Test
    void committedCrdIsTheGeneratedOne() throws IOException {
        String generated = CrdYaml.generate();
        if (Boolean.getBoolean("kiln.regenerate")) {
            Files.createDirectories(COMMITTED.getParent());
            Files.writeString(COMMITTED, generated);
        }
        assertThat(Files.readString(COMMITTED))
                .as("%s is not what the types say. Run: %s", COMMITTED.normalize(), COMMAND)
                .isEqualTo(generated);
    }
}
