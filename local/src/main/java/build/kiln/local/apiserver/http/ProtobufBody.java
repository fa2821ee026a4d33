package build.kiln.local.apiserver.http;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.status.ApiFailure;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/// Reads the objects that kubectl sends in protocol buffers: what its `create` makes of its arguments alone.
///
/// Field numbers are those of Kubernetes' `generated.proto` files; fields that are not listed are skipped.
final class ProtobufBody {

    static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

    private static final byte[] MAGIC = {'k', '8', 's', 0};

    private sealed interface Field {
        String name();

        record Text(String name) implements Field {}

        record Texts(String name) implements Field {}

        record Bool(String name) implements Field {}

        record Int(String name) implements Field {}

        record TextMap(String name) implements Field {}

        record BytesMap(String name) implements Field {}

        record One(String name, Map<Integer, Field> message) implements Field {}

        record Many(String name, Map<Integer, Field> message) implements Field {}
    }

    private static final Map<Integer, Field> METADATA = Map.of(
            1, new Field.Text("name"),
            2, new Field.Text("generateName"),
            3, new Field.Text("namespace"),
            5, new Field.Text("uid"),
            6, new Field.Text("resourceVersion"),
            11, new Field.TextMap("labels"),
            12, new Field.TextMap("annotations"),
            14, new Field.Texts("finalizers"));

    private static final Field OBJECT_META = new Field.One("metadata", METADATA);
    private static final Map<Integer, Field> NAME_ONLY = Map.of(1, new Field.Text("name"));

    private static final Map<String, Map<Integer, Field>> KINDS = Map.of(
            "Secret",
            Map.of(
                    1, OBJECT_META,
                    2, new Field.BytesMap("data"),
                    3, new Field.Text("type"),
                    4, new Field.TextMap("stringData"),
                    5, new Field.Bool("immutable")),
            "ConfigMap",
            Map.of(
                    1, OBJECT_META,
                    2, new Field.TextMap("data"),
                    3, new Field.BytesMap("binaryData"),
                    4, new Field.Bool("immutable")),
            "Namespace",
            Map.of(1, OBJECT_META),
            "ServiceAccount",
            Map.of(
                    1, OBJECT_META,
                    3, new Field.Many("imagePullSecrets", NAME_ONLY),
                    4, new Field.Bool("automountServiceAccountToken")),
            "SelfSubjectAccessReview",
            Map.of(1, OBJECT_META, 2, new Field.One("spec", Map.of())),
            "SelfSubjectRulesReview",
            Map.of(1, OBJECT_META, 2, new Field.One("spec", Map.of(1, new Field.Text("namespace")))),
            "SelfSubjectReview",
            Map.of(1, OBJECT_META),
            "DeleteOptions",
            Map.of(
                    1, new Field.Int("gracePeriodSeconds"),
                    2,
                            new Field.One(
                                    "preconditions",
                                    Map.of(1, new Field.Text("uid"), 2, new Field.Text("resourceVersion"))),
                    4, new Field.Text("propagationPolicy"),
                    5, new Field.Texts("dryRun")));

    private static final Map<Integer, Field> ENVELOPE =
            Map.of(1, new Field.One("type", Map.of(1, new Field.Text("apiVersion"), 2, new Field.Text("kind"))));

    private final ByteArrayInputStream in;

    private ProtobufBody(byte[] bytes) {
        this.in = new ByteArrayInputStream(bytes);
    }

    /// @throws ApiFailure UnsupportedMediaType for a kind that is not read here: the client is to send JSON
    static ObjectNode decode(byte[] body) {
        if (body.length < MAGIC.length || !new String(body, 0, 4, StandardCharsets.ISO_8859_1).equals("k8s\0")) {
            throw ApiFailure.badRequest("the body does not start as protocol buffers of Kubernetes do");
        }
        byte[] envelope = java.util.Arrays.copyOfRange(body, MAGIC.length, body.length);
        try {
            ObjectNode type = Json.child(new ProtobufBody(envelope).message(ENVELOPE), "type");
            String kind = type.path("kind").asText();
            Map<Integer, Field> fields = KINDS.get(kind);
            if (fields == null) {
                throw ApiFailure.unsupportedMediaType(
                        MEDIA_TYPE + " for " + kind, java.util.List.of("application/json", "application/yaml"));
            }
            ObjectNode object = new ProtobufBody(raw(envelope)).message(fields);
            return object.setAll(type);
        } catch (IOException e) {
            throw ApiFailure.badRequest("the body ends in the middle of a field");
        }
    }

    /// The object itself, which is the envelope's field 2.
    private static byte[] raw(byte[] envelope) throws IOException {
        ProtobufBody reader = new ProtobufBody(envelope);
        while (reader.in.available() > 0) {
            long tag = reader.varint();
            if (tag == (2 << 3 | 2)) {
                return reader.chunk();
            }
            reader.skip((int) (tag & 7));
        }
        return new byte[0];
    }

    private ObjectNode message(Map<Integer, Field> fields) throws IOException {
        ObjectNode object = Json.object();
        while (in.available() > 0) {
            long tag = varint();
            Field field = fields.get((int) (tag >>> 3));
            if (field == null) {
                skip((int) (tag & 7));
            } else {
                read(field, object);
            }
        }
        return object;
    }

    private void read(Field field, ObjectNode object) throws IOException {
        switch (field) {
            case Field.Text(String name) -> {
                String text = text();
                if (!text.isEmpty()) {
                    object.put(name, text);
                }
            }
            case Field.Texts(String name) -> object.withArray("/" + name).add(text());
            case Field.Bool(String name) -> object.put(name, varint() != 0);
            case Field.Int(String name) -> object.put(name, varint());
            case Field.TextMap(String name) -> entry(Json.child(object, name), Value.TEXT);
            case Field.BytesMap(String name) -> entry(Json.child(object, name), Value.BASE64);
            case Field.One(String name, Map<Integer, Field> message) ->
                object.set(name, new ProtobufBody(chunk()).message(message));
            case Field.Many(String name, Map<Integer, Field> message) ->
                object.withArray("/" + name).add(new ProtobufBody(chunk()).message(message));
        }
    }

    private enum Value {
        TEXT,
        BASE64
    }

    private void entry(ObjectNode map, Value kind) throws IOException {
        ProtobufBody entry = new ProtobufBody(chunk());
        String key = "";
        byte[] value = new byte[0];
        while (entry.in.available() > 0) {
            long tag = entry.varint();
            switch ((int) (tag >>> 3)) {
                case 1 -> key = entry.text();
                case 2 -> value = entry.chunk();
                default -> entry.skip((int) (tag & 7));
            }
        }
        map.put(
                key,
                switch (kind) {
                    case TEXT -> new String(value, StandardCharsets.UTF_8);
                    case BASE64 -> Base64.getEncoder().encodeToString(value);
                });
    }

    private String text() throws IOException {
        return new String(chunk(), StandardCharsets.UTF_8);
    }

    private byte[] chunk() throws IOException {
        long length = varint();
        if (length < 0 || length > in.available()) {
            throw new IOException("a field is longer than the body");
        }
        return in.readNBytes((int) length);
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the body ends within a number");
            }
            value |= (long) (next & 0x7f) << shift;
            if ((next & 0x80) == 0) {
                return value;
            }
        }
        throw new IOException("a number has more than 64 bits");
    }

    private void skip(int wireType) throws IOException {
        switch (wireType) {
            case 0 -> varint();
            case 1 -> in.skipNBytes(8);
            case 2 -> chunk();
            case 5 -> in.skipNBytes(4);
            default -> throw new IOException("wire type " + wireType);
        }
    }
}
