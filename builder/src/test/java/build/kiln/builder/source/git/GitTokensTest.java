package build.kiln.builder.source.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.git.GitSource.Places;
import build.kiln.builder.source.git.GitSource.Reach;
import build.kiln.builder.source.git.GitSource.Submodules;
import build.kiln.builder.source.git.GitSource.Wanted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The build's secrets for private repositories, at the real `git http-backend`.
class GitTokensTest {

    private static final String OWNER = "x-access-token:t0ken";

    @TempDir
    Path folder;

    private GitRepository repository;
    private int works;

    @BeforeEach
    void makeRepository() {
        repository = GitRepository.init(folder.resolve("web.git"));
        repository.commit("file", "1");
    }

    private SourceTree obtain(String url, Map<String, String> secrets) throws IOException {
        Path work = Files.createDirectory(folder.resolve("work" + works++));
        GitTokens tokens = id -> secrets.containsKey(id) ? secrets.get(id).getBytes(StandardCharsets.UTF_8) : null;
        Wanted wanted = Wanted.of("main", Submodules.FETCHED);
        return new GitSource(url, wanted, Reach.NETWORK, null, tokens, Places.of("Dockerfile:2")).obtain(work);
    }

    private BuildFailure failure(String url, Map<String, String> secrets) {
        BuildFailure failure = catchThrowableOfType(BuildFailure.class, () -> obtain(url, secrets));
        for (Throwable one = failure; one != null; one = one.getCause()) {
            assertThat(String.valueOf(one.getMessage())).doesNotContain("t0ken");
        }
        return failure;
    }

    @Test
    void tokenIsThePasswordOfTheUserThatHostsExpect() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder).requires(OWNER)) {
            String url = server.url() + "/web.git";
            for (String id : List.of("GIT_AUTH_TOKEN", "GIT_AUTH_TOKEN.localhost:" + server.port())) {
                SourceTree tree = obtain(url, Map.of(id, "t0ken\n"));
                assertThat(tree.root().resolve("file")).hasContent("1");
                assertThat(tree.warnings())
                        .containsExactly("The credentials for " + url + " are sent without encryption. Use https://.");
            }
        }
    }

    @Test
    void headerIsSentAsItIs() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            obtain(server.url() + "/web.git", Map.of("GIT_AUTH_HEADER", "Bearer t0ken"));
            assertThat(server.authorizations()).isNotEmpty().containsOnly("Bearer t0ken");
        }
    }

    @Test
    void hostsOwnSecretWinsAndAHeaderWinsOverAToken() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            String host = ".localhost:" + server.port();
            obtain(
                    server.url() + "/web.git",
                    Map.of(
                            "GIT_AUTH_TOKEN",
                            "no",
                            "GIT_AUTH_HEADER",
                            "no",
                            "GIT_AUTH_TOKEN" + host,
                            "no",
                            "GIT_AUTH_HEADER" + host,
                            "Bearer yes"));
            obtain(server.url() + "/web.git", Map.of("GIT_AUTH_TOKEN", "no", "GIT_AUTH_HEADER", "Bearer yes"));
            assertThat(server.authorizations()).isNotEmpty().containsOnly("Bearer yes");
        }
    }

    @Test
    void secretOfAnotherHostIsNotSent() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder)) {
            obtain(
                    server.url() + "/web.git",
                    Map.of("GIT_AUTH_TOKEN.git.example.com", "no", "GIT_AUTH_HEADER.localhost", "no"));
            assertThat(server.authorizations()).isNotEmpty().containsOnly("none");
        }
    }

    @Test
    void redirectsAndSubmodulesTakeItToNoOtherHost() throws IOException {
        GitRepository.init(folder.resolve("other/inner.git")).commit("leaf", "leaf");
        try (GitHttpServer other = GitHttpServer.start(folder.resolve("other"));
                GitHttpServer server = GitHttpServer.start(folder)) {
            repository.git("submodule", "add", "-q", other.url() + "/inner.git", "inner");
            repository.commit();
            SourceTree tree = obtain(server.url() + "/web.git", Map.of("GIT_AUTH_HEADER", "Bearer t0ken"));
            assertThat(tree.root().resolve("inner/leaf")).hasContent("leaf");
            assertThat(other.authorizations()).isNotEmpty().containsOnly("none");
        }
        try (GitHttpServer other = GitHttpServer.start(folder.resolve("other"));
                GitHttpServer server = GitHttpServer.start(folder).redirectsTo(other.url())) {
            obtain(server.url() + "/inner.git", Map.of("GIT_AUTH_TOKEN", "t0ken"));
            assertThat(server.authorizations()).isNotEmpty().doesNotContain("none");
            assertThat(other.authorizations()).isNotEmpty().containsOnly("none");
        }
    }

    @Test
    void repositoryOfTheSha256FormatIsReadWithIt() throws IOException {
        Path bare = folder.resolve("new.git");
        GitRepository.run(
                folder,
                Map.of(),
                List.of("git", "init", "-q", "-b", "main", "--object-format=sha256", bare.toString()));
        Files.writeString(bare.resolve("file"), "new");
        GitRepository.run(bare, Map.of(), List.of("git", "add", "file"));
        List<String> commit =
                List.of("git", "-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-q", "-m", "m");
        GitRepository.run(bare, Map.of(), commit);
        try (GitHttpServer server = GitHttpServer.start(folder).requires(OWNER)) {
            String url = server.url() + "/new.git/.git";
            SourceTree tree = obtain(url, Map.of("GIT_AUTH_TOKEN", "t0ken"));
            assertThat(tree.root().resolve("file")).hasContent("new");
            assertThat(failure(url, Map.of()).reason()).isEqualTo(Reason.SourceDenied);
        }
    }

    @Test
    void refusalsSayWhatToGive() throws IOException {
        try (GitHttpServer server = GitHttpServer.start(folder).requires(OWNER)) {
            String url = server.url() + "/web.git";
            assertThat(failure(url, Map.of()))
                    .hasMessage("Dockerfile:2: " + url + " cannot be read without credentials (HTTP status 401). Give"
                            + " the secret GIT_AUTH_TOKEN (--secret id=GIT_AUTH_TOKEN,env=VARIABLE; in an ImageBuild,"
                            + " spec.secrets).");
            assertThat(failure(url, Map.of("GIT_AUTH_HEADER", "Bearer wr0ng")))
                    .hasMessage("Dockerfile:2: " + url + " refused the secret GIT_AUTH_HEADER (HTTP status 401)."
                            + " Correct the secret.");
        }
        try (GitHttpServer server = GitHttpServer.start(folder).answers(403)) {
            String url = server.url() + "/web.git";
            assertThat(failure(url, Map.of("GIT_AUTH_TOKEN", "t0ken")))
                    .hasMessage("Dockerfile:2: " + url + " refused the secret GIT_AUTH_TOKEN (HTTP status 403). Allow"
                            + " its owner to read the repository, or give another secret.");
        }
        assertThat(failure("https://ci:s3cret@git.invalid/web.git", Map.of()))
                .hasMessage("Dockerfile:2: the URL of https://git.invalid/web.git has a password in it. Take it out,"
                        + " and give the secret GIT_AUTH_TOKEN (--secret id=GIT_AUTH_TOKEN,env=VARIABLE; in an"
                        + " ImageBuild, spec.secrets).");
    }

    @Test
    void secretThatCannotBeAHeaderIsRefused() {
        assertThat(failure("https://git.invalid/web.git", Map.of("GIT_AUTH_TOKEN", " \n")))
                .hasMessage("Dockerfile:2: the secret GIT_AUTH_TOKEN is empty. Put the token there, and nothing else.");
        assertThat(failure("https://git.invalid/web.git", Map.of("GIT_AUTH_HEADER", "Bearer t0ken\nX: y")))
                .hasMessage("Dockerfile:2: the secret GIT_AUTH_HEADER is not one line of ASCII. Put there what is to"
                        + " stand behind \"Authorization:\".");
    }
}
