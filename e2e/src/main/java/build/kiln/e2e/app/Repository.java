package build.kiln.e2e.app;

import build.kiln.e2e.registry.RegistryFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A git repository that a plain web server can serve.
final class Repository {

    private static final String DOCKERFILE = """
        ARG BASE
        FROM ${BASE}
        COPY greeting.txt /
        RUN tr a-z A-Z </greeting.txt >/GREETING
        """;

    private Repository() {}

    /// Makes `repo.git` in a new folder, with one commit on `main`: in its folder `app`, a Dockerfile and
    /// `greeting.txt`. Beside it are `app.tar`, which has the same two files in the folder `app-1.0`,
    /// and the folder `app` with them.
    ///
    /// @return the folder
    /// @throws RegistryFailure if git is not installed, or does not work
    static Path make(Path folder) throws IOException, InterruptedException {
        Path work = Files.createDirectories(folder.resolve("work"));
        Path app = Files.createDirectories(work.resolve("app"));
        Files.writeString(app.resolve("Dockerfile"), DOCKERFILE);
        Files.writeString(app.resolve("greeting.txt"), "hello from git\n");
        git(work, "init", "--quiet", "--initial-branch=main");
        git(work, "add", ".");
        git(work, "commit", "--quiet", "--message", "first");
        Path served = Files.createDirectories(folder.resolve("served"));
        git(served, "clone", "--quiet", "--bare", work.toString(), "repo.git");
        git(served.resolve("repo.git"), "update-server-info");
        String archive = served.resolve("app.tar").toString();
        git(work, "archive", "--format=tar", "--output=" + archive, "--prefix=app-1.0/", "HEAD:app");
        Files.move(app, served.resolve("app"));
        return served;
    }

    private static void git(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        // Nothing of this machine's and its user's settings: the commit is the same everywhere.
        builder.environment()
                .putAll(Map.of(
                        "GIT_CONFIG_GLOBAL", "/dev/null",
                        "GIT_CONFIG_SYSTEM", "/dev/null",
                        "GIT_AUTHOR_NAME", "kiln",
                        "GIT_AUTHOR_EMAIL", "kiln@example.com",
                        "GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z",
                        "GIT_COMMITTER_NAME", "kiln",
                        "GIT_COMMITTER_EMAIL", "kiln@example.com",
                        "GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"));
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new RegistryFailure("\"%s\" ended with exit status %d: %s"
                    .formatted(String.join(" ", command), process.exitValue(), said.strip()));
        }
    }
}
