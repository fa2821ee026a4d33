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
import java.math.BigInteger;
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"\u00e9\":\"\u00fc\u2026\u20ac\"}",
                "{\"a\":\"\ud83d\ude00 \\u0000 \\u2026 \u2026\"}",
                "{\"a\":\"\\u0000\\u001f\\u007f\\u0080\\uffff\"}"
            })
    void whatIsBeyondAsciiIsPlain(String text) {
        assertThat(PlainJson.parse(bytes(text))).isPresent().isEqualTo(jackson(bytes(text)));
    }

    @Test
    void whatIsNotUtf8IsLeftToJackson() {
        for (String text : new String[] {"\u00e9", "\u00c0\u0080", "\u00ed\u00a0\u0080", "\u00f5\u0080\u0080\u0080"}) {
            byte[] json = ("{\"a\":\"" + text + "\"}").getBytes(StandardCharsets.ISO_8859_1);
            assertThat(PlainJson.parse(json)).isEmpty();
        }
    }

    @Test
    void longTextsArePlainAndLongNamesAreNot() {
        String text = "x\\u0000".repeat(100_000);
        assertThat(PlainJson.parse(bytes("{\"a\":\"" + text + "\"}")))
                .isPresent()
                .isEqualTo(jackson(bytes("{\"a\":\"" + text + "\"}")));
        assertThat(PlainJson.parse(bytes("{\"" + "x".repeat(20_000) + "\":1}"))).isEmpty();
        assertThat(PlainJson.parse(bytes("{\"" + text + "\":1}"))).isEmpty();
        assertThat(PlainJson.parse(bytes("{\"a\":\"" + "x".repeat(11_000_000) + "\"}")))
                .isEmpty();
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
                text.append(random.nextInt(8) == 0 ? Character.toString(random.nextInt(0x800, 0xd800)) : "");
                text.append(random.nextInt(32) == 0 ? "\ud83d\ude00" : "");
            }
            tree.put(text.toString(), text.toString()).put("number", random.nextLong() >> random.nextInt(60));
            tree.put("large", new BigInteger("18446744073709551615"));
            taken += PlainJson.bytes(tree).isPresent() ? 1 : 0;
            assertThat(Json.bytes(tree)).isEqualTo(JACKSON.writeValueAsBytes(tree));
        }
        assertThat(taken).isGreaterThan(500).isLessThan(2000);
        assertThat(PlainJson.bytes(JsonNodeFactory.instance.numberNode(1.5))).isEmpty();
    }
}
