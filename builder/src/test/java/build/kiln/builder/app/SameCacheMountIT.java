package build.kiln.builder.app;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.sandbox.InNamespaces;
import build.kiln.builder.testing.BusyboxContext;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Cache mounts of one RUN that are one directory under two descriptions.
@InNamespaces
class SameCacheMountIT {

    @TempDir
    private Path own;

    @Test
    void aRunDoesNotWaitForItselfWhereTwoLockedMountsStartFromEqualFiles() throws Exception {
        String mount = "--mount=type=cache,id=c,sharing=locked,";
        Path context = BusyboxContext.make(
                own.resolve("context"),
                "FROM scratch AS one\nCOPY Dockerfile /\nFROM scratch AS two\nCOPY Dockerfile /\n"
                        + BusyboxContext.START + "RUN " + mount + "from=one,target=/1 " + mount
                        + "from=two,target=/2 touch /1/new && test -e /2/new\n");
        LocalRuns.Ended ended = CompletableFuture.supplyAsync(() -> LocalRuns.run(
                        own, "build", "--cache-dir", own.resolve("cache").toString(), context.toString()))
                .get(30, TimeUnit.SECONDS);
        assertThat(ended.status()).as(ended.err()).isZero();
    }
}
