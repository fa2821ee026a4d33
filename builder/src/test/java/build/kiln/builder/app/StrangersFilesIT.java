package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of users that the builder's user namespace does not have.
@InNamespaces
class StrangersFilesIT {

    @TempDir
    private Path own;

    @Test
    void aCopyOfThemSaysThatItGivesThemToRoot() throws IOException {
        LocalRuns.Ended ended = build("""
            FROM scratch AS theirs
            COPY --chown=200000:70000 Dockerfile /srv/one
            COPY --chown=200000:70000 Dockerfile /srv/two
            COPY --chown=12:34 Dockerfile /srv/two
            FROM scratch
            COPY --from=theirs /srv /srv
            """);
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.err().lines().filter(line -> line.startsWith("WARNING: ")))
                .contains("WARNING: In stage \"theirs\", files and directories belong to users or groups that the"
                        + " builder's user namespace does not have: 2, the first of them /srv to 200000:70000. A"
                        + " COPY from it gives them to root. Give the copy its owner with --chown, or build where"
                        + " the user namespace has more ids (\"kiln doctor\" shows which there are).");
    }

    @Test
    void ordinaryOwnersAreNoMatter() throws IOException {
        LocalRuns.Ended ended = build("""
            FROM scratch AS theirs
            COPY --chown=65534:65534 Dockerfile /srv/one
            FROM scratch
            COPY --from=theirs /srv /srv
            """);
        assertThat(ended.status()).as(ended.err()).isZero();
        assertThat(ended.err()).doesNotContain("user namespace");
    }

    private LocalRuns.Ended build(String dockerfile) throws IOException {
        Path context = Files.createDirectories(own.resolve("context"));
        Files.writeString(context.resolve("Dockerfile"), dockerfile);
        return LocalRuns.run(
                own,
                "build",
                "--progress=plain",
                "--cache-dir",
                own.resolve("cache").toString(),
                context.toString());
    }
}
