package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a RUN gets, by its own flags and by those of `kiln build`.
@InNamespaces
class RunIT {

    @TempDir
    private static Path folder;

    private static DockerRegistry registry;

    @TempDir
    private Path own;

    private Path context;

    private record Ended(int status, String err) {

        /// The error at the end, on one line.
        String error() {
            return err.substring(err.lastIndexOf("ERROR: ")).strip();
        }
    }

    @BeforeAll
    static void startRegistry() throws Exception {
        registry = DockerRegistry.plain(folder);
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            BusyboxImage.push(client, ImageReference.parse(registry.host() + "/base:1"));
        }
    }

    @AfterAll
    static void stopRegistry() {
        if (registry != null) {
            registry.close();
        }
    }

    @BeforeEach
    void makeContext() throws IOException {
        context = Files.createDirectory(own.resolve("context"));
    }

    @Test
    void securityInsecureNeedsItsAllowance() throws Exception {
        String[] lines = {"RUN --security=insecure mount -t tmpfs none /tmp && grep -q ' /tmp ' /proc/self/mounts"};

        assertThat(build(lines).error())
                .isEqualTo("ERROR: DockerfileInvalid: Dockerfile:2: RUN asks for --security=insecure, which this build"
                        + " does not allow. If you trust the Dockerfile, build with --allow security.insecure.");
        assertThat(build(List.of("--allow", "security.insecure"), lines).status())
                .isZero();
    }

    @Test
    void aDeviceNeedsItsAllowanceAndToBeThere() throws Exception {
        String[] lines = {"RUN --device=vendor.test/none=0,required true"};

        assertThat(build(List.of("--allow", "device=vendor.test/other"), lines).error())
                .isEqualTo("ERROR: DockerfileInvalid: Dockerfile:2: RUN asks for --device=vendor.test/none=0, which"
                        + " this build does not allow. If you trust the Dockerfile, build with --allow device or"
                        + " --allow device=vendor.test/none=0.");
        assertThat(build(List.of("--allow", "device=vendor.test/none"), lines).error())
                .startsWith("ERROR: DeviceUnavailable: Dockerfile:2: There is no device \"vendor.test/none=0\" in"
                        + " /etc/cdi and /var/run/cdi, which ")
                .endsWith(". Build where the device is, or describe it there in /etc/cdi.");
        assertThat(build(List.of("--allow", "device"), "RUN --device=vendor.test/none=0 true")
                        .status())
                .as("a device that is not required")
                .isZero();
    }

    private Ended build(String... lines) throws IOException {
        return build(List.of(), lines);
    }

    private Ended build(List<String> flags, String... lines) throws IOException {
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM " + registry.host() + "/base:1\n" + String.join("\n", Arrays.asList(lines)) + "\n");
        List<String> all = new ArrayList<>(
                List.of("build", "--cache-dir", own.resolve("cache").toString()));
        all.addAll(flags);
        all.add(context.toString());
        Map<String, String> variables = new HashMap<>(Map.of("HOME", own.toString()));
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(
                new Environment(
                        variables,
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Clock.systemUTC()),
                all.toArray(String[]::new));
        return new Ended(status, err.toString(StandardCharsets.UTF_8));
    }
}
