package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.source.git.GitHttpServer;
import build.kiln.builder.source.git.GitRepository;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole builds of what comes from elsewhere: URLs, archives, standard input, named contexts.
@InNamespaces
class RemoteIT {

    private static final Instant MODIFIED = Instant.parse("2024-05-06T07:08:09Z");

    @TempDir
    private Path own;

    private Path context;
    private HttpServer server;
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    private volatile String lastModified = "Mon, 06 May 2024 07:08:09 GMT";

    private record Ended(int status, String out, String err) {}

    @BeforeEach
    void startServer() throws IOException {
        context = Files.createDirectory(own.resolve("context"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                byte[] content = files.get(exchange.getRequestURI().getPath());
                String tag = "\"" + java.util.Arrays.hashCode(content) + "\"";
                boolean known = tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
                int status = content == null ? 404 : known ? 304 : 200;
                requests.add(exchange.getRequestURI() + " " + status);
                exchange.getResponseHeaders().add("ETag", tag);
                exchange.getResponseHeaders().add("Last-Modified", lastModified);
                exchange.sendResponseHeaders(status, content != null && status == 200 ? content.length : -1);
                if (content != null && status == 200) {
                    exchange.getResponseBody().write(content);
                }
            }
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    private void serve(String path, String text) {
        files.put(path, text.getBytes(StandardCharsets.UTF_8));
    }

    private void dockerfile(String text) throws IOException {
        Files.writeString(context.resolve("Dockerfile"), text);
    }

    /// A gzipped tar of files (name, text, name, text, …) that belong to 7:8.
    private static byte[] archive(String... files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            for (int i = 0; i < files.length; i += 2) {
                byte[] content = files[i + 1].getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(files[i]);
                entry.setSize(content.length);
                entry.setMode(0640);
                entry.setIds(7, 8);
                entry.setModTime(MODIFIED.toEpochMilli());
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void aFileBehindAUrlIsAddedAsTheServerHasIt() throws Exception {
        serve("/dir/tool", "content");
        dockerfile("FROM scratch\nADD " + url("/dir/tool?token=s3cret") + " /bin/\nADD --chmod=755 --chown=3:4 "
                + url("/dir/tool") + " /named\n");
        Ended ended = build("--output", "type=local,dest=" + own.resolve("root"), context.toString());

        assertThat(ended.status()).as(ended.err()).isZero();
        Path added = own.resolve("root/bin/tool");
        assertThat(added).hasContent("content");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(added)))
                .isEqualTo("rw-------");
        assertThat(Files.getLastModifiedTime(added).toInstant()).isEqualTo(MODIFIED);
        assertThat(Files.getAttribute(own.resolve("root/named"), "unix:uid")).isEqualTo(3);
        assertThat(Files.getAttribute(own.resolve("root/named"), "unix:gid")).isEqualTo(4);
        assertThat(ended.err()).contains("ADD " + url("/dir/tool") + " /bin/").doesNotContain("s3cret");
    }

    @Test
    void aUrlThatHasNotChangedIsNeitherSentNorAddedAgain() throws Exception {
        serve("/f", "one");
        dockerfile("FROM scratch\nADD " + url("/f") + " /f\n");
        Ended first = build(context.toString());
        Ended same = build(context.toString());
        serve("/f", "two");
        Ended changed = build("--output", "type=local,dest=" + own.resolve("root"), context.toString());

        assertThat(first.status()).as(first.err()).isZero();
        assertThat(same.err()).contains("CACHED");
        assertThat(same.out()).isEqualTo(first.out());
        assertThat(changed.err()).doesNotContain("CACHED");
        assertThat(own.resolve("root/f")).hasContent("two");
        assertThat(requests).containsExactly("/f 200", "/f 304", "/f 200");
    }

    @Test
    void aUrlWithTheSameContentAndAnotherTimeIsAddedAgain() throws Exception {
        serve("/f", "one");
        dockerfile("FROM scratch\nADD " + url("/f") + " /f\n");
        Ended first = build(context.toString());
        lastModified = "Tue, 07 May 2024 07:08:09 GMT";
        Ended later = build("--output", "type=local,dest=" + own.resolve("root"), context.toString());
        Ended same = build(context.toString());
        Files.move(own.resolve("cache"), own.resolve("old"));
        Ended cold = build(context.toString());

        assertThat(first.status()).as(first.err()).isZero();
        assertThat(later.out()).isNotEqualTo(first.out());
        assertThat(Files.getLastModifiedTime(own.resolve("root/f")).toInstant())
                .isEqualTo(Instant.parse("2024-05-07T07:08:09Z"));
        assertThat(cold.out()).isEqualTo(later.out());
        assertThat(same.out()).isEqualTo(later.out());
        assertThat(same.err()).contains("CACHED");
        assertThat(requests).containsExactly("/f 200", "/f 304", "/f 200", "/f 304", "/f 200");
    }

    @Test
    void withAChecksumNobodyAsksTheServerAgain() throws Exception {
        serve("/f", "content");
        String digest = "sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";
        dockerfile("FROM scratch\nADD --checksum=" + digest + " " + url("/f") + " /f\n");
        build(context.toString());
        Ended same = build(context.toString());

        assertThat(same.err()).contains("CACHED");
        assertThat(requests).containsExactly("/f 200");
    }

    @Test
    void anArchiveBehindAUrlIsUnpackedOnlyIfTheAddSaysSo() throws Exception {
        files.put("/a.tar.gz", archive("dir/file", "packed"));
        dockerfile("FROM scratch\nADD " + url("/a.tar.gz") + " /\nADD --unpack=true " + url("/a.tar.gz") + " /in/\n");
        Ended ended = build("--output", "type=local,dest=" + own.resolve("root"), context.toString());

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(own.resolve("root/a.tar.gz")).hasBinaryContent(files.get("/a.tar.gz"));
        assertThat(own.resolve("root/in/dir/file")).hasContent("packed");
    }

    @Test
    void aContextMayBeAnArchiveBehindAUrl() throws Exception {
        files.put("/c.tgz", archive("df", "FROM scratch\nCOPY data /data\n", "data", "from the archive"));
        Ended ended = build("-f", "df", "--output", "type=local,dest=" + own.resolve("root"), url("/c.tgz"));

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(own.resolve("root/data")).hasContent("from the archive");
        assertThat(Files.getAttribute(own.resolve("root/data"), "unix:uid")).isEqualTo(7);
    }

    @Test
    void aContextMayBeADockerfileBehindAUrl() throws Exception {
        serve("/df", "FROM scratch\nCOPY context /it\n");
        Ended ended = build("--output", "type=local,dest=" + own.resolve("root"), url("/df"));

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(own.resolve("root/it")).hasContent("FROM scratch\nCOPY context /it\n");
    }

    @Test
    void theContextMayComeOnStandardInput() throws Exception {
        InputStream archive = new ByteArrayInputStream(
                archive("Dockerfile", "FROM scratch\nCOPY data /data\n", "data", "from the archive"));
        Ended ended = build(archive, "--output", "type=local,dest=" + own.resolve("root"), "-");

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(own.resolve("root/data")).hasContent("from the archive");
    }

    @Test
    void aDockerfileMayComeOnStandardInputWithAContextOrWithout() throws Exception {
        Files.writeString(context.resolve("data"), "of the folder");
        Ended with = build(
                input("FROM scratch\nCOPY data /data\n"),
                "-f",
                "-",
                "--output",
                "type=local,dest=" + own.resolve("root"),
                context.toString());
        Ended without = build(
                input("FROM scratch\nCOPY <<TEXT /text\nhello\nTEXT\n"),
                "--output",
                "type=local,dest=" + own.resolve("root2"),
                "-");
        Ended both = build(input("FROM scratch\n"), "-f", "-", "-");

        assertThat(with.status()).as(with.err()).isZero();
        assertThat(own.resolve("root/data")).hasContent("of the folder");
        assertThat(without.status()).as(without.err()).isZero();
        assertThat(own.resolve("root2/text")).hasContent("hello");
        assertThat(both.err())
                .endsWith(
                        "ERROR: RequestInvalid: CONTEXT and --file: both are \"-\", and standard input can be only one"
                                + " of them. Name a file or a folder for one of them.\n");
    }

    @Test
    void aNamedContextMayBeAFileBehindAUrlOrAFolderWithoutWhatItsDockerignoreLeavesOut() throws Exception {
        serve("/more", "from afar");
        Path folder = Files.createDirectory(own.resolve("folder"));
        Files.writeString(folder.resolve("kept"), "1");
        Files.writeString(folder.resolve("left-out"), "2");
        Files.writeString(folder.resolve(".dockerignore"), "left-*\n.dockerignore\n");
        dockerfile("FROM folder\nCOPY --from=more context /more\n");
        Ended ended = build(
                "--build-context",
                "more=" + url("/more"),
                "--build-context",
                "folder=" + folder,
                "--output",
                "type=local,dest=" + own.resolve("root"),
                context.toString());

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(own.resolve("root").toFile().list()).containsExactlyInAnyOrder("kept", "more");
        assertThat(own.resolve("root/more")).hasContent("from afar");
    }

    @Test
    void addAndContextsOfPrivateRepositoriesNeedTheSecret() throws Exception {
        GitRepository.init(own.resolve("git/app.git")).commit("Dockerfile", "FROM scratch\nCOPY --from=more / /\n");
        GitRepository.init(own.resolve("git/more.git")).commit("file", "text");
        Path token = Files.writeString(own.resolve("token"), "t0ken");
        try (GitHttpServer git = GitHttpServer.start(own.resolve("git")).requires("x-access-token:t0ken")) {
            String secret = "id=GIT_AUTH_TOKEN.localhost:" + git.url().replaceFirst(".*:", "") + ",src=" + token;
            dockerfile("FROM scratch\nADD " + git.url() + "/more.git#main /\n");
            String root = "type=local,dest=" + own.resolve("root");
            Ended added = build("--secret", secret, "--output", root, context.toString());
            assertThat(added.status()).as(added.err()).isZero();
            assertThat(own.resolve("root/file")).hasContent("text");
            assertThat(added.err()).doesNotContain("t0ken");

            String contexts = "type=local,dest=" + own.resolve("root-2");
            String more = "more=" + git.url() + "/more.git#main";
            String app = git.url() + "/app.git#main";
            Ended named = build("--secret", secret, "--build-context", more, "--output", contexts, app);
            assertThat(named.status()).as(named.err()).isZero();
            assertThat(own.resolve("root-2/file")).hasContent("text");
        }
    }

    @Test
    void theKeptGitFolderNamesTheRepositoryThatIsAddedAlsoIfAnotherHasTheSameCommit() throws Exception {
        String one = GitRepository.init(own.resolve("git/one")).commit("file", "text");
        String two = GitRepository.init(own.resolve("git/two")).commit("file", "text");
        assertThat(one).isEqualTo(two);
        try (GitHttpServer git = GitHttpServer.start(own.resolve("git"))) {
            for (String name : List.of("one", "two")) {
                dockerfile("FROM scratch\nADD --keep-git-dir=true " + git.url() + "/" + name + "/.git#main /\n");
                Path root = own.resolve("root-" + name);
                Ended ended = build("--output", "type=local,dest=" + root, context.toString());

                assertThat(ended.status()).as(ended.err()).isZero();
                assertThat(Files.readString(root.resolve(".git/config")))
                        .contains("\turl = " + git.url() + "/" + name + "/.git\n");
            }
        }
    }

    @Test
    void aCommitThatIsNotTheOneOfTheChecksumIsRefusedAlsoIfItWasAddedBefore() throws Exception {
        String commit = GitRepository.init(own.resolve("git/one")).commit("file", "text");
        try (GitHttpServer git = GitHttpServer.start(own.resolve("git"))) {
            dockerfile("FROM scratch\nADD " + git.url() + "/one/.git#main /\n");
            assertThat(build(context.toString()).status()).isZero();
            dockerfile("FROM scratch\nADD --checksum=" + commit + " " + git.url() + "/one/.git#main /\n");
            assertThat(build(context.toString()).err()).contains("CACHED");
            String other = "0123456789012345678901234567890123456789";
            dockerfile("FROM scratch\nADD --checksum=" + other + " " + git.url() + "/one/.git#main /\n");
            Ended ended = build(context.toString());

            assertThat(ended.status()).isNotZero();
            assertThat(ended.err()).contains("is the commit " + commit + ", and should be " + other + ".");
        }
    }

    @Test
    void theEpochMayBeTheTimeOfWhatAStageAdds() throws Exception {
        serve("/f", "x");
        dockerfile("ARG SOURCE_DATE_EPOCH=src\nFROM scratch AS src\nADD " + url("/f") + " /\nFROM scratch\n"
                + "ARG SOURCE_DATE_EPOCH\nLABEL at=$SOURCE_DATE_EPOCH\nCOPY Dockerfile /\n");
        Ended ended = build("--output", "type=local,dest=" + own.resolve("root"), context.toString());

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(Files.getLastModifiedTime(own.resolve("root/Dockerfile")).toInstant())
                .isEqualTo(MODIFIED);
    }

    @Test
    void anAddressThatNothingCanBeHadFromIsRefused() {
        Ended ended = build("ftp://ann:s3cret@example.com/c.tar");

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err())
                .endsWith(
                        "ERROR: RequestInvalid: CONTEXT: \"ftp://example.com/c.tar\" is neither a folder nor an address"
                                + " that files can be had from. Name a folder, a git repository, or a URL that begins with"
                                + " https://.\n");
    }

    @Test
    void aUrlIsFetchedThroughTheProxy() throws Exception {
        files.put("/f", "by way of the proxy".getBytes(StandardCharsets.UTF_8));
        dockerfile("FROM scratch\nADD http://files.example.com/f /f\n");
        Ended ended = run(
                Map.of("http_proxy", "localhost:" + server.getAddress().getPort()),
                InputStream.nullInputStream(),
                "--output",
                "type=local,dest=" + own.resolve("root"),
                context.toString());

        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(requests).containsExactly("http://files.example.com/f 200");
    }

    private static InputStream input(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private Ended build(String... args) {
        return build(InputStream.nullInputStream(), args);
    }

    private Ended build(InputStream in, String... args) {
        return run(Map.of(), in, args);
    }

    private Ended run(Map<String, String> more, InputStream in, String... args) {
        Map<String, String> variables = new HashMap<>(Map.of("HOME", own.toString()));
        variables.putAll(more);
        List<String> all = new ArrayList<>(
                List.of("build", "--cache-dir", own.resolve("cache").toString()));
        all.addAll(List.of(args));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Kiln.run(
                new Environment(
                        variables,
                        in,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Clock.systemUTC()),
                all.toArray(String[]::new));
        return new Ended(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
