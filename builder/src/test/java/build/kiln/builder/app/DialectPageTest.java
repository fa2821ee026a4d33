package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.plan.Unsupported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DialectPageTest {

    @Test
    void whatThisVersionDoesNotRunIsOnThePage() throws IOException {
        String page = Files.readString(Path.of("../docs/dockerfile.md")).replace("`", "");
        assertThat(Unsupported.thisVersion().without(Supported.FEATURES).rows().keySet())
                .allSatisfy(feature -> assertThat(page).contains("\n| " + feature.shown() + " | "));
    }
}
