package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.execute.RemoteContext;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.http.HttpFile;
import build.kiln.builder.source.http.HttpLogin;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The archive of an ImageBuild, and the Secret for it.
class ArchiveSourceTest {

    private static final Instant PACKED = Instant.parse("2025-01-02T03:04:05Z");

    @TempDir
    private Path own;

    private HttpServer server;
    private volatile byte[] sent = {};
    private final List<String> asked = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/a.tar", exchange -> {
            String login = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            asked.add(login);
            int status = login.equals("Bearer good") ? 200 : 401;
            exchange.sendResponseHeaders(status, status == 200 ? sent.length : -1);
            if (status == 200) {
                exchange.getResponseBody().write(sent);
            }
            exchange.close();
        });
        server.createContext("/elsewhere", exchange -> {
            exchange.getResponseHeaders()
                    .add("Location", "http://localhost:" + server.getAddress().getPort() + "/a.tar");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private SourceTree obtain(String path, HttpLogin login) throws IOException {
        return RemoteContext.ofArchive(new HttpFile(url(path), "archive", null, login, "spec.source.archive"))
                .obtain(Files.createTempDirectory(own, "work"));
    }

    private BuildFailure failure() {
        return catchThrowableOfType(BuildFailure.class, () -> obtain("/a.tar", HttpLogin.bearer("good", "")));
    }

    private HttpLogin login(Map<String, String> keys) throws IOException {
        Path secret = Files.createTempDirectory(own, "secret");
        for (Map.Entry<String, String> key : keys.entrySet()) {
            Files.writeString(secret.resolve(key.getKey()), key.getValue());
        }
        return new ArchiveLogin(secret, "auth").read();
    }

    private static TarArchiveEntry entry(String name, byte type, String link) {
        TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
        entry.setLinkName(link);
        entry.setModTime(Date.from(PACKED));
        return entry;
    }

    private static byte[] tar(TarArchiveEntry... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (TarArchiveEntry entry : entries) {
                byte[] content = entry.isFile() ? "hello\n".getBytes(StandardCharsets.UTF_8) : new byte[0];
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream packed = new GZIPOutputStream(bytes)) {
            packed.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void theTokenOfTheSecretIsSentAndTheDigestIsTheRevision() throws Exception {
        sent = gzip(tar(entry("web/page", TarConstants.LF_NORMAL, "")));
        SourceTree tree = obtain("/a.tar", login(Map.of("token", "good\n")));
        assertThat(tree.root().resolve("web/page")).hasContent("hello\n");
        assertThat(tree.revision())
                .isEqualTo(build.kiln.builder.oci.Digest.of(sent).toString());
        assertThat(tree.time()).isEqualTo(PACKED);
        assertThat(tree.warnings())
                .contains("The credentials for " + url("/a.tar") + " were sent over plain http, which everybody on the"
                        + " way can read. Use an https:// URL.");
        assertThat(asked).containsExactly("Bearer good");
    }

    @Test
    void aUserNameAndAPasswordAreSentAsBasicAndARefusalNamesTheSecret() throws Exception {
        HttpLogin login = login(Map.of("username", "ci-bot", "password", "hush"));
        BuildFailure refused = catchThrowableOfType(BuildFailure.class, () -> obtain("/a.tar", login));
        assertThat(refused.reason()).isEqualTo(Reason.SourceDenied);
        assertThat(refused)
                .hasMessage("spec.source.archive: " + url("/a.tar")
                        + " is not for the user of these credentials (HTTP status 401). Correct the Secret \"auth\""
                        + " (spec.source.archive.credentialsSecret).");
        assertThat(asked).containsExactly("Basic Y2ktYm90Omh1c2g=");
    }

    @Test
    void withoutASecretTheFieldForItIsNamed() {
        BuildFailure refused = catchThrowableOfType(BuildFailure.class, () -> obtain("/a.tar", ArchiveLogin.WITHOUT));
        assertThat(refused)
                .hasMessage("spec.source.archive: " + url("/a.tar") + " is not for everybody (HTTP status 401). Name a"
                        + " Secret with credentials in spec.source.archive.credentialsSecret.");
    }

    @Test
    void aRedirectTakesNoCredentialsToAnotherHost() {
        BuildFailure refused = catchThrowableOfType(
                BuildFailure.class, () -> obtain("/elsewhere", HttpLogin.bearer("good", "Correct it.")));
        assertThat(refused.reason()).isEqualTo(Reason.SourceDenied);
        assertThat(asked).containsExactly("null");
    }

    @Test
    void aSecretOfAnotherFormIsRefusedWithWhatItHas() {
        assertThat(catchThrowableOfType(BuildFailure.class, () -> login(Map.of("username", "a", "pass", "b"))))
                .hasMessage("spec.source.archive.credentialsSecret: the Secret \"auth\" has no key \"password\"; it has"
                        + " \"pass\", \"username\". Create it with the keys \"username\" and \"password\" (type"
                        + " kubernetes.io/basic-auth), or with the key \"token\".");
        assertThat(catchThrowableOfType(BuildFailure.class, () -> login(Map.of("token", "a\nX-More: b"))))
                .hasMessageStartingWith("spec.source.archive.credentialsSecret: the key \"token\" of the Secret"
                        + " \"auth\" is empty, or has more than one line. Create it");
    }

    @Test
    void whatIsNoArchiveIsRefused() {
        sent = "FROM scratch\n".getBytes(StandardCharsets.UTF_8);
        assertThat(failure().reason()).isEqualTo(Reason.SourceCorrupt);
        assertThat(failure())
                .hasMessage("spec.source.archive: " + url("/a.tar") + " is not a tar archive, neither plain nor packed"
                        + " with gzip, bzip2, xz or zstd. Name the URL of a tar of the build context.");
    }

    @Test
    void anArchiveThatIsCutOffIsBroken() throws Exception {
        TarArchiveEntry[] many = new TarArchiveEntry[500];
        for (int i = 0; i < many.length; i++) {
            many[i] = entry("file" + i, TarConstants.LF_NORMAL, "");
        }
        byte[] whole = gzip(tar(many));
        sent = Arrays.copyOf(whole, whole.length - 200);
        assertThat(failure().reason()).isEqualTo(Reason.SourceCorrupt);
        assertThat(failure())
                .hasMessageStartingWith(
                        "spec.source.archive: the archive " + url("/a.tar") + " is broken: it cannot be unpacked (");
    }

    @Test
    void noEntryGetsOutOfTheContext() throws Exception {
        Path outside = Files.createDirectory(own.resolve("outside"));
        List<byte[]> attempts = new ArrayList<>();
        attempts.add(tar(entry("../outside/evil", TarConstants.LF_NORMAL, "")));
        attempts.add(tar(
                entry("door", TarConstants.LF_SYMLINK, outside.toString()),
                entry("door/evil", TarConstants.LF_NORMAL, "")));
        attempts.add(tar(entry("evil", TarConstants.LF_LINK, "../outside/evil")));
        for (byte[] attempt : attempts) {
            sent = attempt;
            assertThat(failure().reason()).isEqualTo(Reason.SourceCorrupt);
            assertThat(outside).isEmptyDirectory();
        }
    }
}
