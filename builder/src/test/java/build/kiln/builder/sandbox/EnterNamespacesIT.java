package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@InNamespaces
class EnterNamespacesIT {

    @Test
    void testsRunAsRootOfANamespaceOfTheirOwn() throws Exception {
        assertThat(Files.readString(Path.of("/proc/self/uid_map")).strip()).matches("0 +\\d+ +\\d+(?s).*");
        assertThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid")).isEqualTo(0);
    }
}
