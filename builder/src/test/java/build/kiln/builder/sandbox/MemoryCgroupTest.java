package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The kernel's files, of both versions of cgroups, as pods and machines have them.
class MemoryCgroupTest {

    private static final long LIMIT = 402653184;

    @TempDir
    private Path folder;

    @Test
    void aContainerWithANamespaceForCgroupsSeesItsOwnAtTheRoot() throws IOException {
        write("cgroup/memory.events", "low 0\nhigh 0\nmax 71\noom 1\noom_kill 2\noom_group_kill 0\n");
        write("cgroup/memory.max", LIMIT + "\n");
        write("cgroup/memory.peak", "402649088\n");
        MemoryCgroup cgroup = read("0::/\n");
        assertThat(cgroup.isOfThisPod()).isTrue();
        assertThat(cgroup.kills()).isEqualTo(2);
        assertThat(cgroup.use()).isEqualTo(new MemoryUse(OptionalLong.of(LIMIT), OptionalLong.of(402649088)));
    }

    @Test
    void theFirstVersionHasOtherNamesAndSubfolders() throws IOException {
        write("cgroup/memory/pods/a/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
        write("cgroup/memory/pods/a/memory.limit_in_bytes", LIMIT + "\n");
        write("cgroup/memory/pods/a/memory.max_usage_in_bytes", LIMIT + "\n");
        MemoryCgroup cgroup = read("8:pids:/pods/a\n4:memory:/pods/a\n0::/\n");
        assertThat(cgroup.kills()).isEqualTo(3);
        assertThat(cgroup.use()).isEqualTo(new MemoryUse(OptionalLong.of(LIMIT), OptionalLong.of(LIMIT)));
    }

    /// Without a namespace, the file names a path of the machine, and the container's own is mounted at the root.
    @Test
    void aPathThatIsNotMountedHereIsTheRoot() throws IOException {
        write("cgroup/memory/memory.oom_control", "oom_kill 1\n");
        write("cgroup/memory/memory.limit_in_bytes", LIMIT + "\n");
        MemoryCgroup cgroup = read("4:memory:/kubepods/burstable/pod1/c1\n");
        assertThat(cgroup.kills()).isEqualTo(1);
        assertThat(cgroup.use().limitBytes()).hasValue(LIMIT);
    }

    @Test
    void noLimitIsNoLimitInBothVersions() throws IOException {
        write("cgroup/memory.events", "oom_kill 0\n");
        write("cgroup/memory.max", "max\n");
        assertThat(read("0::/\n").use()).isEqualTo(MemoryUse.UNKNOWN);
        write("cgroup/memory/a/memory.oom_control", "oom_kill 0\n");
        write("cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(read("4:memory:/a\n").use()).isEqualTo(MemoryUse.UNKNOWN);
    }

    @Test
    void withoutCgroupsTheMachineCountsAndNobodyKnowsWhose() throws IOException {
        write("vmstat", "nr_free_pages 1\noom_kill 5\n");
        MemoryCgroup cgroup = read("");
        assertThat(cgroup.isOfThisPod()).isFalse();
        assertThat(cgroup.kills()).isEqualTo(5);
        assertThat(cgroup.use()).isEqualTo(MemoryUse.UNKNOWN);
    }

    private MemoryCgroup read(String membership) throws IOException {
        write("membership", membership);
        return MemoryCgroup.read(folder.resolve("cgroup"), folder.resolve("membership"), folder.resolve("vmstat"));
    }

    private void write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
