package build.kiln.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.protocol.Rung;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What each rung's pod says of itself, whole. With `-Dkiln.regenerate=true` it is written instead.
class RungSecurityTest {

    private static final Path CASES = Path.of("src", "test", "resources", "pods");

    @ParameterizedTest
    @EnumSource(Rung.class)
    void theSecurityContextsAreTheGoldenOnes(Rung rung) throws IOException {
        Path golden = CASES.resolve("rungs").resolve(rung.word() + ".yaml");
        String said = said(pod(rung, RungSettings.DEFAULT));
        if (Boolean.getBoolean("kiln.regenerate")) {
            Files.createDirectories(golden.getParent());
            Files.writeString(golden, said);
        }
        assertThat(said).isEqualTo(Files.readString(golden));
    }

    @Test
    void profilesOfTheClusterAreNamedWhereRunsHaveNamespaces() throws IOException {
        RungSettings settings = new RungSettings(
                Rung.ASSEMBLE, Optional.of("kiln.json"), Optional.of("kiln-builder"), RungSettings.USUAL_PIDS);
        for (Rung rung : List.of(Rung.USERNS, Rung.NESTED)) {
            assertThat(said(pod(rung, settings)))
                    .contains("localhostProfile: \"kiln.json\"")
                    .contains("localhostProfile: \"kiln-builder\"")
                    .contains("type: \"Localhost\"");
        }
        assertThat(said(pod(Rung.ASSEMBLE, settings))).doesNotContain("Localhost");
    }

    @ParameterizedTest
    @EnumSource(Rung.class)
    void noPodIsPrivilegedOrUnconfined(Rung rung) throws IOException {
        assertThat(Serialization.asYaml(pod(rung, RungSettings.DEFAULT)))
                .doesNotContain("privileged")
                .doesNotContain("Unconfined")
                .doesNotContain("SYS_ADMIN")
                .doesNotContain("hostPath");
    }

    private static String said(Pod pod) {
        return "hostUsers: " + pod.getSpec().getHostUsers() + "\npod: "
                + Serialization.asYaml(pod.getSpec().getSecurityContext())
                + "builder: "
                + Serialization.asYaml(pod.getSpec().getContainers().getFirst().getSecurityContext());
    }

    private static Pod pod(Rung rung, RungSettings settings) throws IOException {
        ImageBuild build = Serialization.unmarshal(
                Files.readString(CASES.resolve("minimal").resolve("imagebuild.yaml")), ImageBuild.class);
        BuilderPods pods = new BuilderPods(BuilderFixtures.settings(Optional.empty(), settings));
        return pods.desired(
                build,
                new PodOrder(
                        BuilderFixtures.WHOLE,
                        1,
                        0,
                        0,
                        Duration.ofHours(1),
                        Duration.ZERO,
                        Optional.empty(),
                        Optional.empty()),
                new ChosenRung(rung, List.of()));
    }
}
