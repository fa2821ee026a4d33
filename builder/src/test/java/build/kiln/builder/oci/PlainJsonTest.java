package build.kiln.builder.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainJsonTest {

    private static final ObjectMapper JACKSON = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(100).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final String MANIFEST = """
        {
          "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
          "config": {"digest": "sha256:0f", "size": 2147483648, "data": null, "some": [true, false, [], {}]},\t
          "annotations": {"a\\"b\\\\c\\/d\\b\\f\\n\\r\\t\\u0041\\u00e9": "", "": "x", "zero": 0, "most": 999999999999999999}
        }\r
        """;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<JsonNode> jackson(byte[] json) {
        try {
            return Optional.of(JACKSON.readTree(json)).filter(JsonNode::isObject);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Test
    void aManifestIsPlain() {
        assertThat(PlainJson.parse(bytes(MANIFEST))).isPresent().isEqualTo(jackson(bytes(MANIFEST)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "1",
                "{} x",
                "{\"a\":01}",
                "{\"a\":-1}",
                "{\"a\":1.5}",
                "{\"a\":1e3}",
                "{\"a\":1234567890123456789}",
                "{\"a\":1,}",
                "{\"a\":[1,]}",
                "{\"a\" 1}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":\"\u00e9\"}",
                "{\"a\":\"\\ud83d\\ude00\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\u0001\"}",
                "{\"a\":tru}",
                "{\"a\":truee}",
                "{\"a\":}",
                "{a:1}",
                "\ufeff{}"
            })
    void whatIsUnusualOrBrokenIsLeftToJackson(String text) {
        assertThat(PlainJson.parse(bytes(text))).isEmpty();
        Optional<JsonNode> expected = jackson(bytes(text));
        if (expected.isPresent()) {
            assertThat(Json.parse(bytes(text))).isEqualTo(expected.get());
        }
    }

    @Test
    void deepDocumentsAreLeftToJackson() {
        String deep = "{\"a\":" + "[".repeat(60) + "]".repeat(60) + "}";
        assertThat(PlainJson.parse(bytes(deep))).isEmpty();
        assertThat(Json.parse(bytes(deep))).isEqualTo(jackson(bytes(deep)).orElseThrow());
        byte[] bottomless = bytes("{\"a\":".repeat(1_000_000));
        assertThat(PlainJson.parse(bottomless)).isEmpty();
    }

    @Test
    void whatIsTakenMeansWhatItMeansToJackson() {
        SplittableRandom random = new SplittableRandom(7);
        byte[] whole = bytes(MANIFEST);
        String some = "{}[]\",:\\/ubnrtx0123456789.eE+-_ \n\u0000\u007f\u0080\u00ff";
        int taken = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] changed = whole.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                changed[random.nextInt(changed.length)] = (byte) some.charAt(random.nextInt(some.length()));
            }
            Optional<JsonNode> plain = PlainJson.parse(changed);
            if (plain.isPresent()) {
                taken++;
                assertThat(plain)
                        .as(new String(changed, StandardCharsets.ISO_8859_1))
                        .isEqualTo(jackson(changed));
            }
        }
        assertThat(taken).isGreaterThan(1000);
    }

    @Test
    void whatIsWrittenIsWhatJacksonWrites() throws JsonProcessingException {
        SplittableRandom random = new SplittableRandom(8);
        int taken = 0;
        for (int round = 0; round < 2000; round++) {
            ObjectNode tree =
                    (ObjectNode) Json.parse(bytes("{\"a\":[1,\"x\\n\\t\\\"\",{},[],true,null],\"b\":{\"c\":\"\"}}"));
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(6); i > 0; i--) {
                text.append((char) (random.nextInt(8) == 0 ? random.nextInt(0x100) : random.nextInt(' ', 0x7f)));
            }
            tree.put(text.toString(), text.toString()).put("number", random.nextLong() >> random.nextInt(60));
            taken += PlainJson.bytes(tree).isPresent() ? 1 : 0;
            assertThat(Json.bytes(tree)).isEqualTo(JACKSON.writeValueAsBytes(tree));
        }
        assertThat(taken).isGreaterThan(500).isLessThan(2000);
        assertThat(PlainJson.bytes(JsonNodeFactory.instance.numberNode(1.5))).isEmpty();
    }
}
