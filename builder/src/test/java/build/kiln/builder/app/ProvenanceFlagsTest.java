package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.provenance.Detail;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `--provenance` and `--attest` mean what they mean to `docker buildx build`.
class ProvenanceFlagsTest {

    private static final String ID = "https://kiln.build/builder/command-line";

    @Test
    void bothFlagsMeanTheSame() {
        assertThat(read("true")).isEqualTo(new ProvenanceRequest(Detail.MIN, ID, ""));
        assertThat(read(null, "type=provenance")).isEqualTo(new ProvenanceRequest(Detail.MIN, ID, ""));
        assertThat(read("mode=max,builder-id=https://a/b,version=v1"))
                .isEqualTo(read(null, "type=provenance,mode=max,builder-id=https://a/b"))
                .isEqualTo(new ProvenanceRequest(Detail.MAX, "https://a/b", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "0", "disabled=true", "mode=max,disabled=true"})
    void itCanBeSwitchedOff(String text) {
        assertThat(read(text)).isNull();
    }

    @Test
    void whatKilnDoesNotWriteIsRefusedByName() {
        assertThatThrownBy(() -> read(null, "type=sbom"))
                .hasMessage(
                        "--attest type=sbom: Kiln makes no attestation of the type \"sbom\". Make and sign it from the"
                                + " pushed image, for example with cosign or syft.");
        assertThatThrownBy(() -> read("version=v0.2"))
                .hasMessageStartingWith("--provenance version=v0.2: version=v0.2 is not supported: Kiln writes SLSA"
                        + " provenance v1.");
        assertThatThrownBy(() -> read("mode=all")).hasMessageContaining("mode=all is neither min nor max.");
        assertThatThrownBy(() -> read("inline-only=true"))
                .hasMessageContaining(
                        "inline-only=true is not supported: a provenance is kept beside the image and never"
                                + " in it; remove it.");
        assertThatThrownBy(() -> read("mod=max")).hasMessageContaining("Did you mean \"mode\"?");
        assertThatThrownBy(() -> read("max")).hasMessageContaining("\"max\" is not of the form key=value");
        assertThatThrownBy(() -> read("builder-id=ci")).hasMessageContaining("builder-id=ci is not a URI");
        assertThatThrownBy(() -> read("true", "type=provenance"))
                .hasMessage("--provenance: the provenance is asked for 2 times. Write --provenance or --attest"
                        + " type=provenance once.");
    }

    private static @Nullable ProvenanceRequest read(@Nullable String provenance, String... attest) {
        BuildOptions options = new BuildOptions();
        options.provenance = provenance;
        options.attest = List.of(attest);
        return ProvenanceFlags.of(options);
    }
}
