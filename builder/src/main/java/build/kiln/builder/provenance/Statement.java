package build.kiln.builder.provenance;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.MediaTypes;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// An in-toto statement: how an image came about. It is not signed.
///
/// @param subject the manifest or index that it is about
/// @param names of the repositories in which that lies
/// @param materials what was read, each once
/// @param circumstances under which it was built, of Kiln's own choice
/// @param steps the instructions that made a layer; said in [Detail#MAX] only
/// @see <a href="https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md">in-toto attestation 1.1,
/// Statement</a>
/// @see <a href="https://slsa.dev/spec/v1.1/provenance">SLSA 1.1, Provenance</a>
public record Statement(
        Descriptor subject,
        List<String> names,
        Detail detail,
        Definition definition,
        List<Material> materials,
        Map<String, String> circumstances,
        List<String> steps,
        Invocation invocation) {

    /// What `docs/provenance.md` describes.
    public static final String BUILD_TYPE = "https://kiln.build/provenance/build/v1";

    public static final String PREDICATE_TYPE = "https://slsa.dev/provenance/v1";

    /// Of the statement, and of the artifact that holds it.
    public static final String MEDIA_TYPE = "application/vnd.in-toto+json";

    private static final byte[] NO_CONFIG = "{}".getBytes(StandardCharsets.US_ASCII);

    private static final Map<String, String> PREDICATE = Map.of("in-toto.io/predicate-type", PREDICATE_TYPE);

    public Statement {
        names = List.copyOf(names);
        materials = materials.stream().distinct().toList();
        steps = List.copyOf(steps);
    }

    /// The statement's bytes.
    public byte[] toJson() {
        ObjectNode node = Json.object();
        node.put("_type", "https://in-toto.io/Statement/v1");
        ArrayNode subjects = node.putArray("subject");
        for (String name : names) {
            ObjectNode one = subjects.addObject();
            one.put("name", name);
            one.putObject("digest").put("sha256", hex(subject.digest()));
        }
        node.put("predicateType", PREDICATE_TYPE);
        ObjectNode predicate = node.putObject("predicate");
        ObjectNode build = predicate.putObject("buildDefinition");
        build.put("buildType", BUILD_TYPE);
        build.set("externalParameters", definition.write(detail));
        ObjectNode internal = Json.of(circumstances);
        internal.put("detail", detail.word());
        if (detail == Detail.MAX) {
            internal.set("steps", Json.of(steps));
        }
        build.set("internalParameters", internal);
        ArrayNode dependencies = build.putArray("resolvedDependencies");
        materials.forEach(one -> dependencies.add(one.write()));
        predicate.set("runDetails", invocation.write());
        return Json.bytes(node);
    }

    private static String hex(Digest digest) {
        String text = digest.toString();
        return text.substring(text.indexOf(':') + 1);
    }

    /// The manifest of an artifact with the statement in it, which refers to the statement's subject.
    ///
    /// @param json the statement's bytes
    public ImageManifest manifest(byte[] json) {
        Descriptor about = new Descriptor(subject.mediaType(), subject.digest(), subject.sizeBytes());
        return new ImageManifest(
                MediaTypes.OCI_MANIFEST,
                MEDIA_TYPE,
                config(),
                List.of(new Descriptor(MEDIA_TYPE, Digest.of(json), json.length).withAnnotations(PREDICATE)),
                about,
                PREDICATE);
    }

    /// Of the artifact: it has none, and the format wants one.
    public static Descriptor config() {
        return new Descriptor(MediaTypes.OCI_EMPTY, Digest.of(NO_CONFIG), NO_CONFIG.length);
    }

    /// The bytes of [#config].
    public static byte[] configJson() {
        return NO_CONFIG.clone();
    }
}
