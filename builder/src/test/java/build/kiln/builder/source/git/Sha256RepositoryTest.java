package build.kiln.builder.source.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.GitSource.Places;
import build.kiln.builder.source.git.GitSource.Reach;
import build.kiln.builder.source.git.GitSource.Submodules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Repositories whose objects are named by SHA-256, made and served by the real git.
class Sha256RepositoryTest {

    @TempDir
    Path folder;

    private GitRepository repository;
    private String first;
    private String second;
    private int works;

    @BeforeEach
    void makeRepository() throws IOException {
        Path root = Files.createDirectory(folder.resolve("web.git"));
        GitRepository.init(folder.resolve("any")); // skips without git
        repository = new GitRepository(root);
        repository.git("init", "-q", "-b", "main", "--object-format=sha256");
        first = repository.commit("file", "1");
        repository.git("tag", "-a", "v1", "-m", "a release");
        Path script =
                Files.writeString(Files.createDirectory(root.resolve("bin")).resolve("run"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("../out"));
        second = repository.commit("file", "2");
    }

    @Test
    void branchesTagsAndCommitsAreReadFromASmartServer() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            String url = server.url() + "/web.git";
            SourceTree tree = obtain(url, "", null);
            assertThat(tree.revision()).isEqualTo(second).hasSize(64);
            assertThat(file(tree)).isEqualTo("2");
            assertThat(tree.time()).isEqualTo(Instant.parse("2024-05-06T07:08:09Z"));
            assertThat(mode(tree, "bin/run")).isEqualTo("rwxr-xr-x");
            assertThat(mode(tree, "bin")).isEqualTo("rwxr-xr-x");
            assertThat(mode(tree, "file")).isEqualTo("rw-r--r--");
            assertThat(Files.readSymbolicLink(tree.root().resolve("link"))).hasToString("../out");
            assertThat(Files.getLastModifiedTime(tree.root().resolve("link"), LinkOption.NOFOLLOW_LINKS)
                            .toInstant())
                    .isEqualTo(tree.time());
            assertThat(tree.root().resolveSibling("repositories")).doesNotExist();

            assertThat(obtain(url, "v1", null).revision()).isEqualTo(first);
            assertThat(file(obtain(url, first, null))).isEqualTo("1");
            assertThat(file(obtain(url, first.substring(0, 8), null))).isEqualTo("1");
        }
    }

    @Test
    void credentialsReachTheServerAndNoFile() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder).requires("ci-bot:s3cret")) {
            String url = server.url() + "/web.git";
            Path secret = Files.createDirectory(folder.resolve("secret"));
            Files.writeString(secret.resolve("username"), "ci-bot");
            Files.writeString(secret.resolve("password"), "s3cret");
            assertThat(file(obtain(url, "main", secret))).isEqualTo("2");
            assertThat(failure(url, "main", null).reason()).isEqualTo(Reason.SourceDenied);
        }
    }

    @Test
    void repositoryOfThisMachineIsReadToo() throws IOException {
        Path work = Files.createDirectory(folder.resolve("local"));
        SourceTree tree = new GitSource(
                        repository.url(), "main", Submodules.LEFT_OUT, Reach.MACHINE, null, Places.RESOURCE)
                .obtain(work);
        assertThat(file(tree)).isEqualTo("2");
    }

    @Test
    void identityIsKnownWithoutAFetch() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            Path work = Files.createDirectory(folder.resolve("identity"));
            assertThat(new GitSource(
                                    server.url() + "/web.git",
                                    "main",
                                    Submodules.LEFT_OUT,
                                    Reach.NETWORK,
                                    null,
                                    Places.RESOURCE)
                            .identity(work))
                    .contains(second);
        }
    }

    @Test
    void revisionThatIsNotThereIsRefused() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            String url = server.url() + "/web.git";
            assertThat(failure(url, "none", null))
                    .hasMessage("spec.source.git.revision: " + url
                            + " has no branch, tag or commit \"none\". Correct the" + " revision, or push it.")
                    .extracting(BuildFailure::reason)
                    .isEqualTo(Reason.RevisionNotFound);
        }
    }

    @Test
    void machinesConfigurationAndHooksAreLeftAlone() throws IOException {
        Path touched = folder.resolve("touched");
        Path hooks = Files.createDirectory(folder.resolve("hooks"));
        Path hook = Files.writeString(hooks.resolve("reference-transaction"), "#!/bin/sh\ntouch " + touched + "\n");
        Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path config = Files.writeString(folder.resolve("config"), "[core]\n\thooksPath = " + hooks + "\n");
        GitRepository.run(
                repository.folder(),
                Map.of("GIT_CONFIG_GLOBAL", config.toString()),
                List.of("git", "update-ref", "refs/heads/control", second));
        assertThat(touched).as("the hook works where the configuration counts").exists();
        Files.delete(touched);

        Path work = Files.createDirectory(folder.resolve("program"));
        GitAddress address = GitAddress.parse(repository.url(), Reach.MACHINE, "url", Places.RESOURCE);
        GitProgram git = GitProgram.withRepository(address, new GitSecret.None(), Places.RESOURCE, work)
                .orElseThrow();
        assertThat(git.run("config", "--list", "--show-origin").text().lines())
                .allMatch(line -> line.startsWith("command line:") || line.startsWith("file:" + work));
        assertThat(git.run("fetch", "--quiet", repository.url(), "+refs/heads/main:refs/kiln/source")
                        .status())
                .isZero();
        assertThat(git.run("ls-remote", "ext::touch " + touched).status())
                .as("another protocol than the address's")
                .isNotZero();
        assertThat(touched).doesNotExist();
    }

    private SourceTree obtain(String url, String revision, @Nullable Path secret) throws IOException {
        Path work = Files.createDirectory(folder.resolve("work" + works++));
        return new GitSource(url, revision, Submodules.FETCHED, Reach.NETWORK, secret, Places.RESOURCE).obtain(work);
    }

    private BuildFailure failure(String url, String revision, @Nullable Path secret) {
        return catchThrowableOfType(BuildFailure.class, () -> obtain(url, revision, secret));
    }

    private static String file(SourceTree tree) throws IOException {
        return Files.readString(tree.root().resolve("file"));
    }

    private static String mode(SourceTree tree, String path) throws IOException {
        return PosixFilePermissions.toString(
                Files.getPosixFilePermissions(tree.root().resolve(path)));
    }
}
