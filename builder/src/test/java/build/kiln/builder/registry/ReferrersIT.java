package build.kiln.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.Tool;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What refers to an image is found, with and without a registry's help.
class ReferrersIT {

    private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    static Path folder;

    static DockerRegistry server;
    static Registry registry;

    @BeforeAll
    static void start() throws Exception {
        server = DockerRegistry.plain(folder);
        registry = Registry.open(RegistrySettings.defaults(Clock.systemUTC()));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            registry.close();
            server.close();
        }
    }

    @Test
    void aRegistryWithoutTheApiHasTheListUnderATag() throws Exception {
        ImageReference target = ImageReference.parse(server.host() + "/listed:1");
        Descriptor image = TestImage.of(1, 100).push(registry, target);

        Descriptor first = attach(registry, target, image, "first");
        Descriptor second = attach(registry, target, image, "second");
        attach(registry, target, image, "first");

        JsonNode list = Json.parse(Tool.run(
                        folder,
                        "skopeo",
                        "inspect",
                        "--raw",
                        "--tls-verify=false",
                        "docker://" + server.host() + "/listed:" + tag(image))
                .getBytes(StandardCharsets.UTF_8));
        assertThat(list.path("mediaType").asText()).isEqualTo(MediaTypes.OCI_INDEX);
        assertThat(list.path("manifests")).hasSize(2);
        JsonNode entry = list.path("manifests").path(0);
        assertThat(entry.path("digest").asText()).isEqualTo(first.digest().toString());
        assertThat(entry.path("mediaType").asText()).isEqualTo(MediaTypes.OCI_MANIFEST);
        assertThat(entry.path("size").asLong()).isEqualTo(first.sizeBytes());
        assertThat(entry.path("artifactType").asText()).isEqualTo("application/vnd.example.note");
        assertThat(entry.path("annotations").path("name").asText()).isEqualTo("first");
        assertThat(list.path("manifests").path(1).path("digest").asText())
                .isEqualTo(second.digest().toString());
        ImageManifest stored = ImageManifest.parse(
                registry.resolve(target.withDigest(first.digest())).json());
        assertThat(stored.subject()).isEqualTo(image);
        assertThat(stored.artifactType()).isEqualTo("application/vnd.example.note");
    }

    @Test
    void clientsThatAttachAtTheSameTimeLoseNothing() throws Exception {
        ImageReference target = ImageReference.parse(server.host() + "/crowded:1");
        Descriptor image = TestImage.of(2, 100).push(registry, target);
        Set<String> expected = new TreeSet<>();
        List<Future<Descriptor>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 6; i++) {
                String name = "note-" + i;
                all.add(threads.submit(() -> {
                    try (Registry own = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
                        return attach(own, target, image, name);
                    }
                }));
            }
        }
        for (Future<Descriptor> one : all) {
            expected.add(one.get().digest().toString());
        }

        Set<String> listed = new TreeSet<>();
        ImageIndex.parse(registry.resolve(target.withTag(tag(image))).json())
                .manifests()
                .forEach(one -> listed.add(one.digest().toString()));
        assertThat(listed).isEqualTo(expected);
    }

    @Test
    void whatOthersHaveWrittenInTheListStaysAsItIs() throws Exception {
        ImageReference target = ImageReference.parse(server.host() + "/shared:1");
        Descriptor image = TestImage.of(3, 100).push(registry, target);
        Descriptor theirs = attach(registry, target, image, "theirs");
        ObjectNode list = (ObjectNode)
                Json.parse(registry.resolve(target.withTag(tag(image))).json());
        list.putObject("annotations").put("kept-by", "somebody");
        ((ObjectNode) list.path("manifests").path(0)).putArray("urls").add("https://example.com/elsewhere");
        byte[] json = Json.bytes(list);
        registry.tag(target.withTag(tag(image)), registry.pushManifest(target, MediaTypes.OCI_INDEX, json), json);

        attach(registry, target, image, "ours");

        JsonNode after = Json.parse(registry.resolve(target.withTag(tag(image))).json());
        assertThat(after.path("annotations").path("kept-by").asText()).isEqualTo("somebody");
        assertThat(after.path("manifests")).hasSize(2);
        assertThat(after.path("manifests").path(0))
                .isEqualTo(list.path("manifests").path(0));
        assertThat(after.path("manifests").path(0).path("digest").asText())
                .isEqualTo(theirs.digest().toString());
    }

    @Test
    void aTagThatIsSomethingElseIsLeftAsItIs() throws Exception {
        ImageReference target = ImageReference.parse(server.host() + "/taken:1");
        TestImage image = TestImage.of(4, 100);
        Descriptor stored = image.push(registry, target);
        registry.tag(target.withTag(tag(stored)), stored, image.manifest());

        assertThatThrownBy(() -> attach(registry, target, stored, "ours"))
                .hasMessage(
                        "The tag " + target.withTag(tag(stored)) + " is that of the list of what refers to an image,"
                                + " and leads to something that is no index. It was left as it is. Delete that tag.");
        assertThat(registry.resolve(target.withTag(tag(stored))).descriptor().digest())
                .isEqualTo(stored.digest());
    }

    @Test
    void aRegistryThatKeepsTheListItselfGetsNoTag() throws Exception {
        try (FakeRegistry fake = FakeRegistry.start()) {
            fake.keepReferrers();
            ImageReference target = ImageReference.parse(fake.host() + "/app:1");
            Descriptor image = TestImage.of(5, 100).push(registry, target);

            Descriptor note = attach(registry, target, image, "note");

            assertThat(fake.hasManifest("app", note.digest().toString())).isTrue();
            assertThat(fake.hasManifest("app", tag(image))).isFalse();
        }
    }

    private static Descriptor attach(Registry by, ImageReference target, Descriptor subject, String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        Descriptor config = new Descriptor(MediaTypes.OCI_EMPTY, Digest.of(EMPTY), EMPTY.length);
        Descriptor layer = new Descriptor("text/plain", Digest.of(text), text.length);
        by.push(target, config, EMPTY);
        by.push(target, layer, text);
        return by.attach(
                target,
                new ImageManifest(
                        MediaTypes.OCI_MANIFEST,
                        "application/vnd.example.note",
                        config,
                        List.of(layer),
                        subject,
                        Map.of("name", name)));
    }

    private static String tag(Descriptor subject) {
        return subject.digest().toString().replace(':', '-');
    }
}
