package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFilesTest {

    private static final String KEY = ".dockerconfigjson";
    private static final String ADVICE = " Create it.";

    @TempDir
    private Path folder;

    @Test
    void aKeyThatIsThereIsFound() throws IOException {
        Path file = Files.writeString(folder.resolve(KEY), "{}");
        assertThat(SecretFiles.need(folder, "regcred", "spec.output.pushSecret", KEY, "Create it."))
                .isEqualTo(file);
    }

    @Test
    void aSecretOfTheWrongShapeSaysWhichKeysItHas() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.createDirectory(folder.resolve("..data"));
        assertThatThrownBy(() -> SecretFiles.need(folder, "regcred", "spec.output.pushSecret", KEY, "Create it."))
                .hasMessage("spec.output.pushSecret: the Secret \"regcred\" has no key \".dockerconfigjson\"; it has"
                        + " \"config.json\"." + ADVICE);
    }

    @Test
    void aSecretThatIsMissingSaysSo() {
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> SecretFiles.need(missing, "regcred", "spec.output.pushSecret", KEY, "Create it."))
                .hasMessage("spec.output.pushSecret: there is no Secret \"regcred\" in the namespace, or it is empty."
                        + ADVICE);
    }
}
