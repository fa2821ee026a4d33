package build.kiln.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of sources, applied and built.
class SourcesE2E {

    private static final Path EXAMPLES = BuilderOfThisBuild.PROJECT.resolve("examples/sources");

    private static final String DOCKERFILE = """
            FROM registry.kiln.local/base/busybox:1
            COPY page /page
            RUN test "$(cat /page)" = "from elsewhere"
            """;

    @TempDir
    static Path folder;

    private static RunningCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static String example(String name) throws Exception {
        return Files.readString(EXAMPLES.resolve(name));
    }

    private static void namespace(String name) throws Exception {
        cluster.kubectl().run("create", "namespace", name).ok();
    }

    private static byte[] archive(Map<String, String> files) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    @Test
    void theKeysOfAConfigMapAreBuilt() throws Exception {
        namespace("config-map");
        cluster.apply("config-map", example("config-map.yaml"));
        cluster.await("config-map", "from-config-map", "Ready");
        cluster.apply("config-map", example("config-map.yaml").replace("      name: site-files", "      name: others"));
        cluster.await("config-map", "from-config-map", "Stalled");
        assertThat(cluster.get("config-map", "from-config-map", "{.status.failure.message}"))
                .startsWith("spec.source.configMap: there is no ConfigMap \"others\" in the namespace");
    }

    @Test
    void theFilesOfAnImageAreBuilt() throws Exception {
        namespace("image");
        cluster.apply("image", """
            apiVersion: kiln.build/v1alpha1
            kind: ImageBuild
            metadata: {name: files}
            spec:
              source:
                inline:
                  files:
                    Dockerfile: |
                      FROM registry.kiln.local/base/busybox:1
                      COPY . /src/
                      RUN mv /src/page.old /src/page && mv /src/Inner /src/Dockerfile
                    page.old: "from elsewhere\\n"
                    Inner: |
            %s
              output: {image: "registry.kiln.local/examples/web-files:1"}
            """.formatted(DOCKERFILE
                .replace("page /page", ". /\nRUN ! ls /page.old /Inner")
                .indent(10)));
        cluster.await("image", "files", "Ready");
        cluster.apply("image", example("image.yaml"));
        cluster.await("image", "from-image", "Ready");
        assertThat(cluster.get("image", "from-image", "{.status.source.revision}"))
                .isEqualTo(cluster.get("image", "files", "{.status.digest}"));
        cluster.apply("image", example("image.yaml").replace("web-files:1", "web-files:2"));
        cluster.await("image", "from-image", "Stalled");
        assertThat(cluster.get("image", "from-image", "{.status.failure.reason} {.status.failure.message}"))
                .startsWith("ImageNotFound spec.source.image: ")
                .contains("registry.kiln.local/examples/web-files:2");
    }

    @Test
    void anArchiveIsBuiltWithTheCredentialsOfItsSecretIfItsDigestIsRight() throws Exception {
        byte[] archive = archive(Map.of("web-1.2/Dockerfile", DOCKERFILE, "web-1.2/page", "from elsewhere\n"));
        String login = "Basic "
                + Base64.getEncoder().encodeToString("ci-bot:a-password-or-token".getBytes(StandardCharsets.UTF_8));
        HttpServer files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.createContext("/web-1.2.tar.gz", exchange -> {
            boolean known = login.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(known ? 200 : 401, known ? archive.length : -1);
            if (known) {
                exchange.getResponseBody().write(archive);
            }
            exchange.close();
        });
        files.start();
        try {
            namespace("archive");
            String resources = example("archive.yaml")
                    .replace(
                            "https://files.example.com",
                            "http://127.0.0.1:" + files.getAddress().getPort());
            cluster.apply("archive", resources.replace("  contextDir:", "  retries: 0\n  contextDir:"));
            cluster.await("archive", "from-archive", "Stalled");
            assertThat(cluster.get("archive", "from-archive", "{.status.failure.reason} {.status.failure.message}"))
                    .startsWith("SourceCorrupt spec.source.archive: http://127.0.0.1:"
                            + files.getAddress().getPort() + "/web-1.2.tar.gz has the digest sha256:" + sha256(archive)
                            + ", and should have sha256:" + "0".repeat(64)
                            + ". If the file was changed on purpose, write its new digest.");
            cluster.apply("archive", resources.replace("0".repeat(64), sha256(archive)));
            cluster.await("archive", "from-archive", "Ready");
        } finally {
            files.stop(0);
        }
        assertThat(cluster.get("archive", "from-archive", "{.status.source.revision}"))
                .isEqualTo("sha256:" + sha256(archive));
        assertThat(cluster.get("archive", "from-archive", "{.status}")).doesNotContain("a-password");
    }

    /// Flux itself is not here: what it would write stands in the resource, and a server has the file that it would
    /// have.
    @Test
    void theArtifactOfAFluxObjectIsBuiltAndTheNextOneIsBuiltByItself() throws Exception {
        namespace("flux");
        cluster.apply("flux", example("flux.yaml").split("---\n", -1)[1]);
        cluster.await("flux", "from-flux", "Stalled");
        assertThat(cluster.get("flux", "from-flux", "{.status.conditions[?(@.type=='Ready')].message}"))
                .isEqualTo(
                        "This cluster has no kind GitRepository of source.toolkit.fluxcd.io/v1 (spec.source.flux). Install Flux 2.6 or later; it is looked for again every minute.");
        byte[] first = archive(Map.of("Dockerfile", DOCKERFILE, "page", "from elsewhere\n"));
        byte[] second = archive(Map.of("Dockerfile", DOCKERFILE, "page", "from elsewhere\n", "more", "x"));
        HttpServer flux = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve(flux, "/1.tar.gz", first);
        serve(flux, "/2.tar.gz", second);
        flux.start();
        try {
            cluster.apply("flux", """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: gitrepositories.source.toolkit.fluxcd.io}
                spec:
                  group: source.toolkit.fluxcd.io
                  scope: Namespaced
                  names: {kind: GitRepository, listKind: GitRepositoryList, plural: gitrepositories, singular: gitrepository}
                  versions:
                    - name: v1
                      served: true
                      storage: true
                      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                """);
            cluster.apply("flux", fluxObject(flux, "1.tar.gz", first, "main@sha1:1"));
            // The operator believes for half a minute that there is no such kind.
            cluster.kubectl()
                    .run("annotate", "imagebuild/from-flux", "-n", "flux", "a=b")
                    .ok();
            cluster.await("flux", "from-flux", "Ready", "100s");
            assertThat(cluster.get("flux", "from-flux", "{.status.source.revision}"))
                    .isEqualTo("main@sha1:1");
            cluster.apply("flux", fluxObject(flux, "2.tar.gz", second, "main@sha1:2"));
            cluster.kubectl()
                    .run(
                            "wait",
                            "--for=jsonpath={.status.source.revision}=main@sha1:2",
                            "imagebuild/from-flux",
                            "-n",
                            "flux",
                            "--timeout=50s")
                    .ok();
            assertThat(cluster.get("flux", "from-flux", "{.status.source.revision} {.status.history[0].reason}"))
                    .isEqualTo("main@sha1:2 SourceRevision");
        } finally {
            flux.stop(0);
        }
    }

    private static void serve(HttpServer server, String path, byte[] content) {
        server.createContext(path, exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
            exchange.close();
        });
    }

    private static String fluxObject(HttpServer server, String file, byte[] content, String revision) throws Exception {
        return example("flux.yaml").split("---\n", -1)[0]
                + """
            status:
              artifact:
                url: http://127.0.0.1:%d/%s
                digest: sha256:%s
                revision: %s
            """.formatted(server.getAddress().getPort(), file, sha256(content), revision);
    }
}
