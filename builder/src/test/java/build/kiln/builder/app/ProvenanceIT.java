package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Json;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.RegistrySettings;
import build.kiln.builder.testing.BusyboxImage;
import build.kiln.builder.testing.DockerRegistry;
import build.kiln.builder.testing.ImageValidator;
import build.kiln.builder.testing.Tool;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Beside an image lies how it came about, for whoever asks the registry what refers to it.
class ProvenanceIT {

    private static final String TIME = "1700000000";
    private static final byte[] TOOL = "a tool\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    private DockerRegistry registry;
    private HttpServer files;
    private String base;

    @BeforeEach
    void start() throws Exception {
        registry = DockerRegistry.plain(Files.createDirectory(folder.resolve("registry")));
        try (Registry client = Registry.open(RegistrySettings.defaults(Clock.systemUTC()))) {
            ImageReference image = ImageReference.parse(registry.host() + "/lib/base:1");
            BusyboxImage.push(client, image);
            base = String.valueOf(client.resolve(image).descriptor().digest());
        }
        files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.createContext("/tool", exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"1\"");
            boolean known = "\"1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
            exchange.sendResponseHeaders(known ? 304 : 200, known ? -1 : TOOL.length);
            if (!known) {
                exchange.getResponseBody().write(TOOL);
            }
            exchange.close();
        });
        files.start();
    }

    @AfterEach
    void stop() {
        registry.close();
        files.stop(0);
    }

    @Test
    void theStatementSaysWhatWasBuiltFromWhatByWhomAndWhen() throws Exception {
        Path context = context();
        build(context, List.of("--build-arg", "VERSION=1.2"));
        String before = digest("app", "1");
        Instant start = Instant.now();

        build(
                context,
                List.of(
                        "--provenance=mode=max,builder-id=https://builders.example.com/ci",
                        "--build-arg",
                        "VERSION=1.2",
                        "--build-arg",
                        "HTTP_PROXY=http://user:pass@127.0.0.1:1",
                        "--build-arg",
                        "NO_PROXY=*",
                        "--secret",
                        "id=token,env=TOKEN"));

        String image = digest("app", "1");
        assertThat(image).as("the image is the same with and without").isEqualTo(before);
        new ImageValidator(registry.uri()).validate("app", "1");
        JsonNode statement = statement("app", image);
        ObjectNode metadata =
                (ObjectNode) statement.path("predicate").path("runDetails").path("metadata");
        assertThat(Instant.parse(metadata.path("startedOn").asText())).isAfterOrEqualTo(start.minusSeconds(1));
        assertThat(Instant.parse(metadata.path("finishedOn").asText()))
                .isAfterOrEqualTo(Instant.parse(metadata.path("startedOn").asText()));
        metadata.put("startedOn", "T").put("finishedOn", "T");
        String isolation = statement
                .at("/predicate/buildDefinition/internalParameters/isolation")
                .asText();
        String platform = statement
                .at("/predicate/buildDefinition/internalParameters/platform")
                .asText();
        String http = "http://127.0.0.1:" + files.getAddress().getPort() + "/tool";
        assertThat(statement).isEqualTo(Json.parse("""
                {"_type": "https://in-toto.io/Statement/v1",
                 "subject": [{"name": "%1$s/app", "digest": {"sha256": "%2$s"}}],
                 "predicateType": "https://slsa.dev/provenance/v1",
                 "predicate": {
                   "buildDefinition": {
                     "buildType": "https://kiln.build/provenance/build/v1",
                     "externalParameters": {
                       "source": {"kind": "folder"}, "contextDir": ".", "dockerfile": "Dockerfile",
                       "contexts": {"other": "docker-image://%1$s/lib/base:1"},
                       "buildArgs": {"SOURCE_DATE_EPOCH": "1700000000", "VERSION": "1.2"},
                       "labels": {}, "secrets": ["token"], "ssh": []},
                     "internalParameters": {
                       "detail": "max", "isolation": "%5$s", "platform": "%6$s",
                       "steps": ["[stage-0 2/3] ADD %7$s /tool", "[stage-0 3/3] COPY --from=other /bin/sh /sh"]},
                     "resolvedDependencies": [
                       {"name": "Dockerfile", "digest": {"sha256": "%8$s"}},
                       {"name": "%1$s/lib/base:1",
                        "uri": "pkg:oci/base@sha256%%3A%3$s?repository_url=%1$s/lib/base&tag=1",
                        "digest": {"sha256": "%3$s"}},
                       {"uri": "%7$s", "digest": {"sha256": "%4$s"}}]},
                   "runDetails": {
                     "builder": {"id": "https://builders.example.com/ci"},
                     "metadata": {"startedOn": "T", "finishedOn": "T"}}}}
                """.formatted(
                        registry.host(),
                        image.substring(7),
                        base.substring(7),
                        Digest.of(TOOL).toString().substring(7),
                        isolation,
                        platform,
                        http,
                        sha256(context.resolve("Dockerfile")))
                .getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void theArtifactIsOneThatToolsFind() throws Exception {
        build(context(), List.of("--provenance", "true"));

        String image = digest("app", "1");
        JsonNode list = manifest("app", image.replace(':', '-'));
        assertThat(list.path("mediaType").asText()).isEqualTo("application/vnd.oci.image.index.v1+json");
        JsonNode entry = list.path("manifests").path(0);
        assertThat(entry.path("artifactType").asText()).isEqualTo("application/vnd.in-toto+json");
        assertThat(entry.at("/annotations/in-toto.io~1predicate-type").asText())
                .isEqualTo("https://slsa.dev/provenance/v1");
        JsonNode artifact = manifest("app", entry.path("digest").asText());
        assertThat(artifact.path("artifactType").asText()).isEqualTo("application/vnd.in-toto+json");
        assertThat(artifact.at("/config/mediaType").asText()).isEqualTo("application/vnd.oci.empty.v1+json");
        assertThat(artifact.at("/subject/digest").asText()).isEqualTo(image);
        assertThat(artifact.at("/subject/platform").isMissingNode()).isTrue();
        assertThat(artifact.at("/layers/0/mediaType").asText()).isEqualTo("application/vnd.in-toto+json");
        assertThat(artifact.at("/layers/0/annotations/in-toto.io~1predicate-type")
                        .asText())
                .isEqualTo("https://slsa.dev/provenance/v1");
        JsonNode definition = statement("app", image).at("/predicate/buildDefinition");
        assertThat(definition.at("/externalParameters/buildArgs").isMissingNode())
                .isTrue();
        assertThat(definition.at("/internalParameters/steps").isMissingNode()).isTrue();
        assertThat(definition.at("/internalParameters/detail").asText()).isEqualTo("min");
    }

    @Test
    void theSameInputsGiveTheSameStatementButForTheTimes() throws Exception {
        Path context = context();
        build(context, List.of("--provenance", "mode=max"));
        JsonNode first = withoutTimes(statement("app", digest("app", "1")));
        build(context, List.of("--provenance", "mode=max", "--no-cache", "-t", registry.host() + "/again:1"));

        ObjectNode second = withoutTimes(statement("again", digest("again", "1")));
        assertThat(second.path("subject")).hasSize(2);
        second.set("subject", first.path("subject"));
        assertThat(second).isEqualTo(first);
    }

    @Test
    void aCommitIsAMaterialAndCredentialsAreNot() throws Exception {
        Path repository = Files.createDirectory(folder.resolve("web.git"));
        Tool.run(repository, "git", "init", "-q", "-b", "main", ".");
        Files.writeString(repository.resolve("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
        Tool.run(repository, "git", "add", ".");
        Tool.run(repository, "git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "One");
        String commit = Tool.run(repository, "git", "rev-parse", "HEAD").strip();

        CommandLineRun run = CommandLineRun.of(
                folder,
                Map.of(),
                List.of(
                        "build",
                        "--push",
                        "-t",
                        registry.host() + "/app:1",
                        "--provenance=true",
                        "--predefined-annotations",
                        "--annotation",
                        "org.opencontainers.image.revision=ours",
                        "file://" + repository + "#main"));

        assertThat(run.status()).as(run.err()).isZero();
        JsonNode material =
                statement("app", digest("app", "1")).at("/predicate/buildDefinition/resolvedDependencies/0");
        assertThat(material.path("uri").asText()).isEqualTo("git+file://" + repository + "@main");
        assertThat(material.at("/digest/gitCommit").asText()).isEqualTo(commit);
        JsonNode annotations = manifest("app", "1").path("annotations");
        assertThat(annotations.path("org.opencontainers.image.revision").asText())
                .isEqualTo("ours");
        assertThat(annotations.path("org.opencontainers.image.source").asText()).isEqualTo("file://" + repository);
    }

    @Test
    void filesOfAFolderAreKnownAgainByTheirHash() throws Exception {
        Path context = Files.createDirectory(folder.resolve("context"));
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM scratch\nCOPY src /src\nCOPY src/a /\nCOPY --from=more . /more\nCOPY --from=other /bin/sh /sh\n");
        Files.writeString(context.resolve(".dockerignore"), "**/*.log\n");
        Files.createDirectories(context.resolve("src/deep"));
        Files.writeString(context.resolve("src/a"), "a");
        Files.writeString(context.resolve("src/deep/b"), "b");
        Files.writeString(context.resolve("src/left.log"), "ignored");
        Files.writeString(context.resolve("unread"), "no COPY names it");
        Path more = Files.createDirectory(folder.resolve("more"));
        Files.writeString(more.resolve("c"), "c");
        List<String> flags = List.of("--provenance=true", "--build-context", "more=" + more);

        build(context, flags);

        JsonNode materials = statement("app", digest("app", "1")).at("/predicate/buildDefinition/resolvedDependencies");
        assertThat(materials).hasSize(4);
        assertThat(materials.path(0)).isEqualTo(material("context", "dirHash", dirHash(context, "src/a src/deep/b")));
        assertThat(materials.path(1))
                .isEqualTo(material("Dockerfile", "sha256", sha256(context.resolve("Dockerfile"))));
        assertThat(materials.path(3)).isEqualTo(material("more", "dirHash", dirHash(more, "c")));

        Files.writeString(context.resolve("unread"), "changed");
        Files.writeString(context.resolve("src/left.log"), "changed");
        build(context, flags);
        assertThat(statement("app", digest("app", "1")).at("/predicate/buildDefinition/resolvedDependencies"))
                .as("from the cache, and with other files that it does not read")
                .isEqualTo(materials);

        Files.writeString(context.resolve("src/deep/b"), "changed");
        build(context, flags);
        assertThat(statement("app", digest("app", "1")).at("/predicate/buildDefinition/resolvedDependencies/0"))
                .isEqualTo(material("context", "dirHash", dirHash(context, "src/a src/deep/b")))
                .isNotEqualTo(materials.path(0));
    }

    private static ObjectNode material(String name, String algorithm, String hash) {
        ObjectNode material = Json.object().put("name", name);
        material.putObject("digest").put(algorithm, hash);
        return material;
    }

    private static String dirHash(Path folder, String files) throws Exception {
        return Tool.run(folder, "sh", "-c", "sha256sum " + files + " | sha256sum | cut -f1 -d' '")
                .strip();
    }

    private static String sha256(Path file) throws Exception {
        return Digest.of(Files.readAllBytes(file)).hex();
    }

    @Test
    void predefinedAnnotationsSayTheBaseAndTheTimeOfTheImage() throws Exception {
        Path context = context();
        build(context, List.of());
        assertThat(manifest("app", "1").path("annotations").isMissingNode()).isTrue();

        build(context, List.of("--predefined-annotations"));

        JsonNode annotations = manifest("app", "1").path("annotations");
        assertThat(annotations.path("org.opencontainers.image.base.name").asText())
                .isEqualTo(registry.host() + "/lib/base:1");
        assertThat(annotations.path("org.opencontainers.image.base.digest").asText())
                .isEqualTo(base);
        assertThat(annotations.path("org.opencontainers.image.created").asText())
                .isEqualTo("2023-11-14T22:13:20Z");
        assertThat(annotations).hasSize(3);
    }

    @Test
    void theCommandOfTheManualHolds() throws Exception {
        Path context = Files.createDirectory(folder.resolve("web"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");

        CommandLineRun run =
                CommandLineRun.of(folder, Map.of(), ManualLine.arguments("provenance.md", registry.host(), context));

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(statement("team-a/web", digest("team-a/web", "1.2"))
                        .at("/predicate/buildDefinition/buildType")
                        .asText())
                .isEqualTo("https://kiln.build/provenance/build/v1");
    }

    @Test
    void anImageThatIsNotPushedHasNoPlaceForOne() throws Exception {
        CommandLineRun run = CommandLineRun.of(
                folder, Map.of(), List.of("build", "--provenance=true", "--output=type=cacheonly", folder.toString()));

        assertThat(run.lastWord())
                .isEqualTo(
                        "ERROR: NotSupportedYet: --provenance: a provenance is kept in a registry beside its image, and"
                                + " this image is not pushed. Add --push and --tag, or remove it.");
    }

    @Test
    void eachPlatformHasItsStatementAndTheIndexOne() throws Exception {
        Path context = Files.createDirectory(folder.resolve("both"));
        Files.writeString(
                context.resolve("Dockerfile"), "FROM scratch\nARG TARGETARCH\nENV A=$TARGETARCH\nCOPY Dockerfile /\n");

        build(context, List.of("--platform", "linux/amd64,linux/arm64", "--provenance=mode=max"));

        JsonNode index = manifest("app", "1");
        JsonNode ofIndex = statement("app", digest("app", "1")).at("/predicate/buildDefinition/resolvedDependencies");
        assertThat(ofIndex).hasSize(2);
        for (int i = 0; i < 2; i++) {
            String image = index.at("/manifests/" + i + "/digest").asText();
            assertThat(ofIndex.path(i).at("/digest/sha256").asText()).isEqualTo(image.substring(7));
            assertThat(statement("app", image)
                            .at("/predicate/buildDefinition/internalParameters/platform")
                            .asText())
                    .isEqualTo(i == 0 ? "linux/amd64" : "linux/arm64")
                    .isEqualTo(ofIndex.path(i).path("name").asText());
        }
    }

    private Path context() throws Exception {
        Path context = Files.createDirectory(folder.resolve("context"));
        Files.writeString(
                context.resolve("Dockerfile"),
                "FROM " + registry.host() + "/lib/base:1\nARG VERSION\nADD http://127.0.0.1:"
                        + files.getAddress().getPort() + "/tool /tool\nCOPY --from=other /bin/sh /sh\n");
        return context;
    }

    private void build(Path context, List<String> flags) {
        List<String> all = new ArrayList<>(List.of(
                "build",
                "--push",
                "-t",
                registry.host() + "/app:1",
                "--build-context",
                "other=docker-image://" + registry.host() + "/lib/base:1"));
        all.addAll(flags);
        all.add(context.toString());
        CommandLineRun run = CommandLineRun.of(folder, Map.of("SOURCE_DATE_EPOCH", TIME, "TOKEN", "s3cret"), all);
        assertThat(run.status()).as(run.err()).isZero();
    }

    private static ObjectNode withoutTimes(JsonNode statement) {
        ((ObjectNode) statement.at("/predicate/runDetails")).remove("metadata");
        return (ObjectNode) statement;
    }

    /// The newest statement about a manifest, found as the specification says.
    private JsonNode statement(String repository, String subject) throws Exception {
        JsonNode list = manifest(repository, subject.replace(':', '-')).path("manifests");
        JsonNode artifact =
                manifest(repository, list.path(list.size() - 1).path("digest").asText());
        String layer = artifact.at("/layers/0/digest").asText();
        byte[] statement = get("/v2/" + repository + "/blobs/" + layer, HttpResponse.BodyHandlers.ofByteArray())
                .body();
        assertThat(Digest.of(statement).toString()).isEqualTo(layer);
        return Json.parse(statement);
    }

    private JsonNode manifest(String repository, String reference) throws Exception {
        HttpResponse<byte[]> answer =
                get("/v2/" + repository + "/manifests/" + reference, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).as(reference).isEqualTo(200);
        return Json.parse(answer.body());
    }

    private String digest(String repository, String tag) throws Exception {
        return get("/v2/" + repository + "/manifests/" + tag, HttpResponse.BodyHandlers.discarding())
                .headers()
                .firstValue("Docker-Content-Digest")
                .orElseThrow();
    }

    private <T> HttpResponse<T> get(String path, HttpResponse.BodyHandler<T> handler) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(registry.uri() + path))
                .header("Accept", "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json")
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, handler);
        }
    }
}
