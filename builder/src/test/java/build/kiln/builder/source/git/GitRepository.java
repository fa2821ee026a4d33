package build.kiln.builder.source.git;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A repository that the real git makes, with a fixed author and fixed times.
public record GitRepository(Path folder) {

    public static GitRepository init(Path folder) {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/git")), "/usr/bin/git is missing; install the package \"git\"");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        GitRepository repository = new GitRepository(folder);
        repository.git("init", "-q", "-b", "main");
        return repository;
    }

    /// Writes files (name, text, name, text, …) and commits all there is.
    public String commit(String... files) {
        try {
            for (int i = 0; i < files.length; i += 2) {
                Path file = folder.resolve(files[i]);
                Files.createDirectories(file.getParent());
                Files.writeString(file, files[i + 1]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        git("add", "-A");
        git("commit", "-q", "--allow-empty", "-m", "a change");
        return head();
    }

    String head() {
        return git("rev-parse", "HEAD");
    }

    String url() {
        return "file://" + folder;
    }

    String git(String... arguments) {
        List<String> command = new ArrayList<>(List.of("git", "-c", "protocol.file.allow=always"));
        command.addAll(List.of(arguments));
        return run(folder, Map.of(), command);
    }

    static String run(Path folder, Map<String, String> environment, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.directory(folder.toFile()).redirectErrorStream(true);
            builder.environment()
                    .putAll(Map.of(
                            "GIT_CONFIG_GLOBAL", "/dev/null",
                            "GIT_CONFIG_NOSYSTEM", "1",
                            "GIT_AUTHOR_NAME", "Ann",
                            "GIT_AUTHOR_EMAIL", "ann@example.com",
                            "GIT_AUTHOR_DATE", "2024-05-06T07:08:09Z",
                            "GIT_COMMITTER_NAME", "Ann",
                            "GIT_COMMITTER_EMAIL", "ann@example.com",
                            "GIT_COMMITTER_DATE", "2024-05-06T07:08:09Z"));
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command + " ended with " + process.exitValue() + ": " + output);
            }
            return output.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
