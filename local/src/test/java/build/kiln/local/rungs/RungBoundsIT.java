package build.kiln.local.rungs;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.local.rungs.WeakPod.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// On each rung, a RUN that fills the pid space or the disk is stopped, and says so.
class RungBoundsIT {

    private static final String START = """
            FROM scratch
            COPY busybox /bin/busybox
            SHELL ["/bin/busybox", "sh", "-c"]
            RUN for name in sh dd sleep; do /bin/busybox ln -s busybox /bin/$name; done
            ENV PATH=/bin
            """;

    @TempDir
    Path folder;

    private Path own;

    @BeforeEach
    void mountVolume() throws Exception {
        WeakPod.assumePossible();
        WeakPod.open(folder);
        own = Files.createDirectory(folder.resolve("pod"));
        Path cache = Files.createDirectory(own.resolve("cache"));
        assertThat(run("mount", "-t", "tmpfs", "-o", "size=256m", "none", cache.toString()))
                .isZero();
    }

    @AfterEach
    void unmountVolume() throws Exception {
        assertThat(run("umount", own.resolve("cache").toString())).isZero();
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private List<String> build(Kind kind, String run) throws Exception {
        Path context = Files.createDirectories(folder.resolve("context"));
        Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
        Files.writeString(context.resolve("Dockerfile"), START + "RUN " + run + "\n");
        return new WeakPod(own, kind)
                .kiln(
                        context,
                        "build",
                        "--progress=plain",
                        "--cache-dir=/kiln/cache",
                        "--pids-limit=600",
                        "--output=type=cacheonly",
                        "/kiln/context");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RESTRICTED")
    void aRunThatFillsThePidSpaceIsStopped(Kind kind) throws Exception {
        assertProcesses(build(kind, "i=0; while sleep 300 & do i=$((i+1)); test $i -lt 5000 || sleep 300; done"));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RESTRICTED")
    void aForkBombIsStopped(Kind kind) throws Exception {
        assertProcesses(build(kind, "bomb() { bomb & bomb & sleep 300; }; bomb & sleep 5; exit 1"));
    }

    private static void assertProcesses(List<String> lines) {
        assertThat(lines)
                .as(String.join("\n", lines))
                .last()
                .asString()
                .startsWith("ERROR: RunFailed: Dockerfile:6: RUN ")
                .contains("600")
                .endsWith("Let the step start fewer at once (make -j), or allow more (--pids-limit; in a cluster the"
                        + " operator's KILN_BUILDER_PIDS_LIMIT).");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RESTRICTED")
    void aRunThatFillsTheDiskIsStopped(Kind kind) throws Exception {
        List<String> lines = build(
                kind,
                "{ dd if=/dev/zero bs=1048576 count=190 2>/dev/null; while dd if=/dev/zero bs=65536 count=1 2>/dev/null; do"
                        + " sleep 0.01; done; } > /file");
        assertThat(lines)
                .as(String.join("\n", lines))
                .last()
                .asString()
                .startsWith("ERROR: DiskFull: Dockerfile:6: RUN was stopped after ")
                .contains("where 12 MiB have to stay free");
        assertThat(Files.getFileStore(own.resolve("cache")).getUsableSpace()).isGreaterThan(235L << 20);
    }
}
