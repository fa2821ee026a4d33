package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.cache.Leftovers;
import build.kiln.builder.exchange.RegistryCache;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.FakeRegistry;
import build.kiln.builder.testing.ImageValidator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Caches in a real registry: `--cache-to` and `--cache-from` between machines that share nothing else.
@InNamespaces
class RegistryCacheIT {

    @TempDir
    private static Path folder;

    private static DockerRegistry server;
    private static Registry client;
    private static int repositories;

    @TempDir
    private Path own;

    private Path context;

    /// A repository that no other test has.
    private String name;

    private record Ended(int status, String out, String err) {}

    @BeforeAll
    static void startRegistry() throws Exception {
        server = DockerRegistry.plain(folder);
        client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()));
        BusyboxImage.push(client, ImageReference.parse(server.host() + "/base:1"));
    }

    @AfterAll
    static void stopRegistry() {
        if (server != null) {
            client.close();
            server.close();
        }
    }

    @BeforeEach
    void makeContext() throws IOException {
        name = server.host() + "/test" + repositories++;
        context = Files.createDirectory(own.resolve("context"));
        write("greeting.txt", "hello\n");
        dockerfile("touch /old/new");
    }

    /// Two stages; the last RUN is the given one.
    private void dockerfile(String last) throws IOException {
        write("Dockerfile", """
                FROM %1$s/base:1 AS build
                WORKDIR /src
                COPY greeting.txt .
                RUN cat greeting.txt > out.txt
                FROM %1$s/base:1
                COPY --from=build /src/out.txt /app/
                RUN %2$s
                """.formatted(server.host(), last));
    }

    @Test
    void anotherMachineRunsNothingAndPullsNoLayer() throws Exception {
        Ended first = build("one", "-t", name + "/app:1", "--push", "--cache-to", "ref=" + name + "/cache:1,mode=max");
        Ended second = build("two", "-t", name + "/copy:1", "--push", "--cache-from", name + "/cache:1");

        assertThat(first.status()).as(first.err()).isZero();
        assertThat(second.status()).as(second.err()).isZero();
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(count(second, "CACHED")).as(second.err()).isEqualTo(5);
        assertThat(files("two", "blobs")).isEmpty();
        assertThat(files("two", "layers")).isEmpty();
        new ImageValidator(server.uri()).validate(repository() + "/copy", "1");
    }

    @Test
    void onlyWhatChangedRunsOnLayersThatArePulledForIt() throws Exception {
        build("one", "-t", name + "/app:1", "--push", "--cache-to", "type=registry,mode=max,ref=" + name + "/cache:1");
        dockerfile("wc -c < /app/out.txt > /app/size.txt");
        Path root = own.resolve("root");
        Ended changed = build("two", "--cache-from", "type=registry,ref=" + name + "/cache:1", "-o", root.toString());

        assertThat(changed.status()).as(changed.err()).isZero();
        assertThat(count(changed, "CACHED")).as(changed.err()).isEqualTo(4);
        assertThat(root.resolve("app/size.txt")).hasContent("6\n");
    }

    @Test
    void theSmallCacheKnowsTheImagesStepsOnly() throws Exception {
        Ended first = build("one", "-t", name + "/app:1", "--push", "--cache-to", "type=registry,ref=" + name + "/c:1");
        Ended second = build("two", "-t", name + "/app:2", "--push", "--cache-from", name + "/c:1");

        assertThat(count(second, "CACHED")).as(second.err()).isEqualTo(2);
        assertThat(second.out()).isEqualTo(first.out());
    }

    @Test
    void theCacheWithinAnImageIsFoundAndChangesNoDigest() throws Exception {
        Ended first = build("one", "-t", name + "/app:1", "--push", "--build-arg", "BUILDKIT_INLINE_CACHE=1");
        Ended again = build("one", "-t", name + "/app:2", "--push", "--cache-to", "type=inline");
        Ended second = build(
                "two", "-t", name + "/app:3", "--push", "--cache-to", "type=inline", "--cache-from", name + "/app:1");

        assertThat(first.status()).as(first.err()).isZero();
        assertThat(again.out()).isEqualTo(first.out());
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(count(second, "CACHED")).as(second.err()).isEqualTo(2);
    }

    @Test
    void whatWasImportedIsExportedAgainWithoutBeingPulled() throws Exception {
        build("one", "-t", name + "/app:1", "--push", "--cache-to", "ref=" + name + "/cache:1,mode=max");
        Ended second =
                build("two", "--cache-from", name + "/cache:1", "--cache-to", "ref=" + name + "/other:1,mode=max");
        Ended third = build("three", "--cache-from", name + "/other:1");

        assertThat(second.status()).as(second.err()).isZero();
        assertThat(files("two", "blobs")).isEmpty();
        assertThat(count(third, "CACHED")).as(third.err()).isEqualTo(5);
        assertThat(resolve("/other:1")).isEqualTo(resolve("/cache:1"));
    }

    @Test
    void aCacheThatIsNotThereYetIsNotedAndTheBuildGoesOn() {
        Ended ended = build("one", "--cache-from", name + "/none:1", "--cache-from", server.host() + "/base:1");

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.err())
                .contains("[internal] import cache from " + name + "/none:1")
                .contains("there is none yet")
                .contains("it knows no step")
                .doesNotContain("WARNING: The cache");
    }

    @Test
    void aDamagedCacheIsAWarningAndAMiss() {
        byte[] document = "{\"version\":1,\"steps\":[{\"keys\":[\"nonsense\"]}]}".getBytes(StandardCharsets.UTF_8);
        put(name + "/cache:1", RegistryCache.STEPS_TYPE, document);
        Ended ended = build("one", "--cache-from", name + "/cache:1");

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.err())
                .contains("The cache " + name + "/cache:1 is not used. It is not a cache that Kiln wrote: \"layer\" is"
                        + " not a string.");
    }

    @Test
    void aCacheOfBuildKitSaysWhoseItIs() {
        put(name + "/cache:1", "application/vnd.buildkit.cacheconfig.v0", "{}".getBytes(StandardCharsets.UTF_8));
        Ended ended = build("one", "--cache-from", name + "/cache:1");

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.err()).contains("It is not a cache that Kiln wrote: it is BuildKit's.");
    }

    @Test
    void aLayerThatTheRegistryHasLostIsAMiss() throws Exception {
        build("one", "-t", name + "/app:1", "--push", "--cache-to", "ref=" + name + "/cache:1,mode=max");
        Path links =
                server.storage().resolve("docker/registry/v2/repositories/" + repository() + "/cache/_layers/sha256");
        ImageManifest manifest = ImageManifest.parse(
                client.resolve(ImageReference.parse(name + "/cache:1")).json());
        Files.delete(links.resolve(manifest.layers().getLast().digest().hex()).resolve("link"));
        Ended ended = build("two", "--cache-from", name + "/cache:1");

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(count(ended, "CACHED")).as(ended.err()).isEqualTo(4);
    }

    @Test
    void aLayerThatIsNotWhatTheCacheSaysIsRefusedWhenItIsNeeded() throws Exception {
        build("one", "-t", name + "/app:1", "--push", "--cache-to", "ref=" + name + "/cache:1,mode=max");
        forge(name + "/cache:1");
        dockerfile("true");
        Ended ended = build("two", "--cache-from", name + "/cache:1");

        assertThat(ended.status()).as(ended.err()).isEqualTo(75);
        assertThat(ended.err())
                .contains("ERROR: RegistryCorrupt: " + name + "/cache:1: the layer sha256:")
                .contains("is not what it says.")
                .endsWith("Build without this cache, or have it written again.\n");
    }

    @Test
    void whatWasImportedNeverBecomesARecordOfTheVolumeNotEvenPackedAnotherWay() throws Exception {
        String zstd = "type=image,push=true,compression=zstd,name=" + name + "/app:1";
        build("one", "--output", zstd, "--cache-to", "ref=" + name + "/cache:1,mode=max,compression=zstd");
        Ended second =
                build("two", "--cache-from", name + "/cache:1", "--cache-to", "ref=" + name + "/other:1,mode=max");

        assertThat(second.status()).as(second.err()).isZero();
        assertThat(count(second, "CACHED")).as(second.err()).isEqualTo(5);
        assertThat(files("two", "blobs")).as("what was packed anew").isNotEmpty();
        assertThat(files("two", "steps")).isEmpty();
    }

    @Test
    void aForgedCacheTakesNothingFromTheVolume() throws Exception {
        build("one", "-t", name + "/app:1", "--push", "--cache-to", "ref=" + name + "/cache:1,mode=max");
        forge(name + "/cache:1");
        List<Path> before = files("one", "blobs");
        Leftovers.delete(own.resolve("one/steps"));
        Leftovers.delete(own.resolve("one/layers"));
        dockerfile("true");
        Ended ended = build("one", "--cache-from", name + "/cache:1");

        assertThat(ended.err()).contains("is not what it says.");
        assertThat(files("one", "blobs")).containsAll(before);
    }

    @Test
    void aCacheThatMayNotBeWrittenStopsTheBuildAtOnceUnlessThatIsIgnored() {
        try (FakeRegistry refusing = FakeRegistry.start()) {
            refusing.deny(request -> request.method().equals("POST") ? 403 : null);
            String cache = refusing.host() + "/cache:1";
            Ended failed = build("one", "--cache-to", "ref=" + cache);
            assertThat(failed.status()).as(failed.err()).isEqualTo(1);
            assertThat(failed.err())
                    .doesNotContain("RUN cat")
                    .contains("ERROR: PushDenied: cache " + cache + ": Push to " + cache + " was refused: POST");

            Ended ignored = build("one", "--cache-to", "ignore-error=true,ref=" + cache);
            assertThat(ignored.status()).as(ignored.err()).isZero();
            assertThat(ignored.err()).contains("The image is complete, and its cache could not be written. Push to");
        }
    }

    @Test
    void aCacheThatCannotBeWrittenInTheEndFailsTheBuild() {
        try (FakeRegistry breaking = FakeRegistry.start()) {
            breaking.deny(request -> request.method().equals("PUT") ? 400 : null);
            String cache = breaking.host() + "/cache:1";
            Ended failed = build("one", "--cache-to", "ref=" + cache);
            assertThat(failed.status()).as(failed.err()).isEqualTo(1);
            assertThat(failed.err())
                    .contains("ERROR: PushDenied: cache " + cache
                            + ": The image is complete, and its cache could not be written. Push to " + cache);
        }
    }

    @Test
    void theExampleOfTheManualWorks() throws Exception {
        String page = Files.readString(Path.of("../docs/cache.md"));
        String commands =
                page.replaceAll("(?s).*```sh\n(\\./kiln build.*?)```.*", "$1").replace("\\\n", " ");
        int machine = 0;
        for (String command : commands.strip().split("\n")) {
            List<String> words = List.of(
                    command.replace("registry.example.com/team", name).strip().split("\\s+"));
            Ended ended = build(
                    "machine" + machine++, words.subList(2, words.size() - 1).toArray(String[]::new));
            assertThat(ended.status()).as(ended.err()).isZero();
            assertThat(count(ended, "CACHED")).isEqualTo(machine == 1 ? 0 : 5);
        }
        assertThat(machine).isEqualTo(2);
    }

    /// Lets every step of the cache claim the layer of the first one.
    private void forge(String cache) {
        ImageReference reference = ImageReference.parse(cache);
        ImageManifest manifest = ImageManifest.parse(client.resolve(reference).json());
        String document = new String(client.pullWhole(reference, manifest.config()), StandardCharsets.UTF_8);
        String one = manifest.layers().getFirst().digest().toString();
        byte[] forged = document.replaceAll("\"layer\":\"[^\"]*\"", "\"layer\":\"" + one + "\"")
                .getBytes(StandardCharsets.UTF_8);
        write(reference, RegistryCache.STEPS_TYPE, forged, manifest.layers());
    }

    private static void put(String cache, String type, byte[] document) {
        write(ImageReference.parse(cache), type, document, List.of());
    }

    private static void write(ImageReference cache, String type, byte[] document, List<Descriptor> layers) {
        Descriptor config = new Descriptor(type, Digest.of(document), document.length);
        client.push(cache, config, document);
        byte[] manifest = new ImageManifest(MediaTypes.OCI_MANIFEST, config, layers, Map.of()).toJson();
        client.tag(cache, client.pushManifest(cache, MediaTypes.OCI_MANIFEST, manifest), manifest);
    }

    private Digest resolve(String rest) {
        return client.resolve(ImageReference.parse(name + rest)).descriptor().digest();
    }

    private String repository() {
        return name.substring(name.indexOf('/') + 1);
    }

    private static long count(Ended ended, String word) {
        return ended.err().lines().filter(line -> line.endsWith(" " + word)).count();
    }

    /// What the machine's cache volume has.
    private List<Path> files(String machine, String room) throws IOException {
        try (Stream<Path> all = Files.walk(own.resolve(machine).resolve(room))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private void write(String file, String text) throws IOException {
        Path path = context.resolve(file);
        Files.writeString(path, text);
        Files.setLastModifiedTime(path, FileTime.from(Instant.parse("2024-05-06T07:08:09Z")));
    }

    private Ended build(String machine, String... flags) {
        List<String> all = new ArrayList<>(
                List.of("build", "--cache-dir", own.resolve(machine).toString()));
        all.addAll(List.of(flags));
        all.add(context.toString());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(
                new Environment(
                        Map.of("HOME", own.toString()),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Clock.systemUTC()),
                all.toArray(String[]::new));
        return new Ended(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
