package build.kiln.builder.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.ContainerConfig;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UnsupportedTest {

    private static final Platform AMD64 = Platform.parse("linux/amd64");

    @ParameterizedTest
    @EnumSource(Feature.class)
    void rowRefusesTheFeatureByNameAndLine(Feature feature) {
        Unsupported only = new Unsupported(Map.of(feature, "Do something else."));
        assertThatThrownBy(() -> plan(only, feature)).isInstanceOfSatisfying(DockerfileFailure.class, failure -> {
            assertThat(failure.reason()).isEqualTo(Reason.NotSupportedYet);
            assertThat(failure.line()).isPositive();
            assertThat(failure)
                    .hasMessageContaining(" uses " + feature.shown() + ", which Kiln does not do yet. Do something");
        });
    }

    @ParameterizedTest
    @EnumSource(Feature.class)
    void withoutItsRowTheFeatureIsPlanned(Feature feature) {
        Unsupported allOthers = Unsupported.thisVersion().without(EnumSet.of(feature));
        assertThat(plan(allOthers, feature).stages()).isNotEmpty();
    }

    private static String dockerfile(Feature feature) {
        return switch (feature) {
            case ONBUILD_TRIGGER -> "FROM scratch AS a\nONBUILD RUN true\nFROM a\n";
            case WINDOWS_LAYER -> "FROM windows\nCOPY a /\n";
        };
    }

    private static Plan plan(Unsupported unsupported, Feature feature) {
        PlanRequest request = PlanRequest.builder(AMD64)
                .allowed(Set.of(PlanRequest.Entitlement.values()))
                .build();
        Dockerfile dockerfile =
                Dockerfile.parse("Dockerfile", dockerfile(feature).getBytes(StandardCharsets.UTF_8));
        return new Planner(unsupported).plan(dockerfile, request, (name, platform, place) -> {
            if (name.equals("windows")) {
                return windows();
            }
            throw new RegistryFailure(Reason.ImageNotFound, place, name, "");
        });
    }

    private static BaseImage windows() {
        Digest digest = Digest.of(new byte[0]);
        ImageConfig config = new ImageConfig(
                null,
                null,
                Platform.parse("windows(10.0.20348.1)/amd64"),
                ContainerConfig.EMPTY,
                List.of(new DiffId(digest)),
                List.of());
        return new BaseImage(
                "windows",
                new ImageHome.Repository(ImageReference.parse("windows")),
                digest,
                config,
                List.of(new Descriptor(MediaTypes.OCI_LAYER_GZIP, digest, 1)));
    }
}
