package build.kiln.e2e.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.e2e.registry.RegistryClient;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.Helm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PropsTest {

    @TempDir
    Path folder;

    @Test
    void chartTakesTheValuesOfARun() throws Exception {
        try (PlainRegistry server = PlainRegistry.start()) {
            String address = server.address();
            RegistryClient registry = RegistryClient.connect(address, Optional.empty(), Optional.empty());
            assertThat(registry.isPlain()).isTrue();
            Path authority = Files.writeString(
                    folder.resolve("ca.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
            Props props = new Props(
                    registry,
                    Optional.empty(),
                    Optional.of(authority),
                    Optional.empty(),
                    "abcd",
                    address + "/kiln-e2e/base:1",
                    address + "/kiln-e2e/site:abcd",
                    "sha256:" + "a".repeat(64),
                    "sha256:" + "b".repeat(64));
            Map<String, Object> values = props.chartValues(List.of("e2e-abcd-inline", "e2e-abcd-git"));
            Path file = Files.write(folder.resolve("values.yaml"), new ObjectMapper().writeValueAsBytes(values));
            String rendered = new Helm(Path.of("../helm/kiln"))
                    .template()
                    .withName("it")
                    .withNamespace("e2e-abcd-operator")
                    .withKubeVersion("1.36.2")
                    .withValuesFile(file)
                    .call();
            assertThat(rendered)
                    .contains(address + "/kiln-e2e/operator@sha256:" + "a".repeat(64))
                    .contains(address + "/kiln-e2e/builder@sha256:" + "b".repeat(64))
                    .contains("e2e-abcd-inline,e2e-abcd-git")
                    .contains("location = \\\"" + address + "\\\"")
                    .contains("-----BEGIN CERTIFICATE-----");
        }
    }
}
