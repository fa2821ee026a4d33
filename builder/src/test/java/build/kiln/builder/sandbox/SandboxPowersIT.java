package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a process gets beyond the usual, and only if it was asked for.
@InNamespaces
class SandboxPowersIT extends SandboxTests {

    private static final String MOUNTS = """
            grep -E 'CapEff|Seccomp:' /proc/self/status
            mkdir /tmp/m && mount -t tmpfs none /tmp/m && touch /tmp/m/x && umount /tmp/m && echo mounted
            grep ' /proc/sys ' /proc/self/mounts
            grep ' /sys sysfs ' /proc/self/mounts | grep -o ' r[ow],'
            """;

    @Test
    void aConfinedProcessCannotMount() throws Exception {
        Result result = run(shell(MOUNTS));
        assertThat(result.out())
                .contains("CapEff:\t00000000a80425fb", "Seccomp:\t2")
                .doesNotContain("mounted");
        assertThat(result.out()).anyMatch(line -> line.startsWith("proc /proc/sys proc ro"));
        assertThat(result.out()).endsWith(" ro,");
    }

    @Test
    void anInsecureProcessHasAllPowersOfItsNamespaces() throws Exception {
        Result result = run(shell(MOUNTS + "ls -d /dev/fuse\nhostname changed && hostname\ncat /proc/self/uid_map")
                .withConfined(Confined.BY_NAMESPACES_ONLY));
        assertThat(result.out().getFirst()).isEqualTo("CapEff:\t000001ffffffffff");
        assertThat(result.out()).contains("Seccomp:\t0", "mounted", "changed");
        assertThat(result.out()).noneMatch(line -> line.contains("/proc/sys"));
        assertThat(result.out().contains("/dev/fuse")).isEqualTo(Files.exists(Path.of("/dev/fuse")));
        assertThat(result.out().getLast()).as("its own user namespace").endsWith(" 65536");
    }

    @Test
    void aDeviceIsTheMachinesOwnAndLeavesNothing() throws Exception {
        ObjectNode hooks = JsonMapper.builder().build().createObjectNode();
        ObjectNode hook = hooks.withArray("createContainer").addObject().put("path", "/bin/sh");
        hook.withArray("args").add("sh").add("-c").add("cat > /dev/null"); // crun tells it about the container
        DeviceAccess access = new DeviceAccess(
                List.of("GPU=zero"),
                List.of(new SandboxMount.Bind(Path.of("/dev/zero"), "/dev/gpu0", SandboxMount.Access.READ_WRITE)),
                List.of(44L),
                hooks);
        Result result =
                run(shell("head -c 2 /dev/gpu0 | od -An -tx1; echo $GPU; id -G").withDevices(access));
        assertThat(result.error()).isEmpty();
        assertThat(result.out()).containsExactly(" 00 00", "zero", "0 44");
        assertThat(result.changed()).isEmpty();
    }

    @Test
    void aTmpfsReplacesTheSharedMemory() throws Exception {
        Result result = run(shell("grep ' /dev/shm ' /proc/self/mounts")
                .withMounts(List.of(new SandboxMount.Tmpfs("/dev/shm", 128 << 20))));
        assertThat(result.out()).containsExactly("tmpfs /dev/shm tmpfs rw,nosuid,relatime,size=131072k 0 0");
    }
}
