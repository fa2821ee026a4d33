package build.kiln.builder.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The document of a cache: the same after a round trip, and never half believed.
class StepsDocumentTest {

    private static final Descriptor LAYER = new Descriptor(MediaTypes.OCI_LAYER_GZIP, digest("layer"), 1234);

    private static final SharedStep STEP = new SharedStep(
            List.of(new CacheKey(digest("quick")), new CacheKey(digest("exact")), new CacheKey(digest("quick"))),
            "RUN make",
            new DiffId(digest("content")),
            5678,
            Instant.parse("2024-05-06T07:08:09Z"),
            "gzip",
            LAYER);

    private static Digest digest(String of) {
        return Digest.of(of.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aStepIsTheSameAfterARoundTrip() {
        assertThat(StepsDocument.parse(StepsDocument.write(List.of(STEP)), List.of(LAYER)))
                .containsExactly(STEP);
        assertThat(STEP.keys()).hasSize(2);
    }

    @Test
    void theOrderInWhichKeysWereFoundChangesNothing() {
        SharedStep turned = new SharedStep(
                STEP.keys().reversed(),
                STEP.instruction(),
                STEP.diffId(),
                STEP.contentBytes(),
                STEP.epoch(),
                STEP.recipe(),
                LAYER);
        assertThat(StepsDocument.write(List.of(turned))).isEqualTo(StepsDocument.write(List.of(STEP)));
    }

    @Test
    void aLayerThatTheManifestDoesNotListIsRefused() {
        assertThatThrownBy(() -> StepsDocument.parse(StepsDocument.write(List.of(STEP)), List.of()))
                .hasMessage("the layer " + LAYER.digest() + " is not in the manifest's list");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "version":1        | "version":2         | its version is 2, and this Kiln reads 1
                    "steps":[          | "other":[           | it has no steps
                    "contentBytes":5678| "contentBytes":-1   | a layer has -1 bytes
                    "epoch":"2024      | "epoch":"x2024      | "epoch" is not a time
                    "instruction":     | "else":             | "instruction" is not a string
                    "keys":            | "words":            | a step has 0 keys
                    "diffId":"sha256   | "diffId":"md5       | md5
                    """)
    void whatIsNotWellFormedIsRefusedAsAWhole(String right, String wrong, String why) {
        String document = StepsDocument.text(List.of(STEP)).replace(right, wrong);
        assertThatThrownBy(() -> StepsDocument.parse(document.getBytes(StandardCharsets.UTF_8), List.of(LAYER)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @Test
    void moreStepsThanAnyBuildHasAreRefused() {
        byte[] document = StepsDocument.write(Collections.nCopies(StepsDocument.MOST_STEPS + 1, STEP));
        assertThatThrownBy(() -> StepsDocument.parse(document, List.of(LAYER)))
                .hasMessage("it has 10001 steps, 10000 are read");
    }

    @Test
    void aDocumentThatEndsAnywhereIsRefused() {
        byte[] document = StepsDocument.write(List.of(STEP));
        for (int length = 0; length < document.length; length++) {
            byte[] part = Arrays.copyOf(document, length);
            assertThatThrownBy(() -> StepsDocument.parse(part, List.of(LAYER)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
