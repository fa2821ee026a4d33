package build.kiln.builder.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/// Programs of the machine that tests run.
public final class Tool {

    private Tool() {}

    /// Skips the test, with the reason in words, where the program is missing.
    public static void required(String program, String purpose) {
        Assumptions.assumeTrue(
                Arrays.stream(String.valueOf(System.getenv("PATH")).split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program))),
                () -> program + " is not on the PATH: " + purpose);
    }

    /// What the program printed; an [AssertionError] with that if its exit status is not 0.
    public static String run(Path folder, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(command))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new AssertionError(String.join(" ", command) + " ended with exit status " + status + ": " + said);
        }
        return said;
    }
}
