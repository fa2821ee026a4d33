package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.builder.sandbox.SandboxMount.Access;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a process sees and may do of what is not its own: next to nothing.
@InNamespaces
class SandboxIsolationIT extends SandboxTests {

    @Test
    void processHasItsOwnPidSpaceAndProc() throws Exception {
        assertThat(lines("echo $$; readlink /proc/self; ls -d /proc/[0-9]* | wc -l"))
                .satisfies(out -> {
                    assertThat(out.get(0)).isEqualTo("1");
                    assertThat(Integer.parseInt(out.get(1))).isBetween(2, 9);
                    assertThat(Integer.parseInt(out.get(2))).isLessThan(5);
                });
    }

    @Test
    void processHasNamespacesOfItsOwn() throws Exception {
        List<String> inside = lines("for n in user mnt pid ipc uts net; do readlink /proc/self/ns/$n; done");
        List<String> ours = new ArrayList<>();
        for (String name : List.of("user", "mnt", "pid", "ipc", "uts", "net")) {
            ours.add(Files.readSymbolicLink(Path.of("/proc/self/ns", name)).toString());
        }
        assertThat(inside.subList(0, 5)).doesNotContainAnyElementsOf(ours);
        assertThat(inside.get(5)).as("the pod's network").isEqualTo(ours.get(5));
    }

    @Test
    void nothingOfTheBuildersEnvironmentIsSeen() throws Exception {
        ProcessSpec spec = ProcessSpec.of(List.of("env"), List.of("GREETING=hello world", "PATH=/bin"), "/");
        assertThat(run(spec).out())
                .containsExactlyInAnyOrder("GREETING=hello world", "PATH=/bin", "HOME=/root", "HOSTNAME=kiln");
    }

    @Test
    void hostnameAndHostsAreTheProcesssOwn() throws Exception {
        ProcessSpec spec = shell("hostname; cat /etc/hosts; ls -l /etc/hosts | cut -c1-10; echo x >> /etc/hosts")
                .withHosts("forge", List.of(new ProcessSpec.Host("db", "10.1.2.3")));
        Result result = run(spec);
        assertThat(result.out())
                .containsExactly(
                        "forge",
                        "127.0.0.1\tlocalhost forge",
                        "::1\tlocalhost ip6-localhost ip6-loopback",
                        "10.1.2.3\tdb",
                        "-rw-r--r--");
        assertThat(result.error()).containsExactly("/bin/sh: can't create /etc/hosts: Read-only file system");
        assertThat(result.changed()).isEmpty();
    }

    @Test
    void noneNetworkHasOnlyALoopback() throws Exception {
        ProcessSpec spec = shell("ls /sys/class/net; ip -o addr show lo | grep -c 127.0.0.1; ip route | wc -l")
                .withNetwork(NetworkAccess.NONE);
        assertThat(run(spec).out()).containsExactly("lo", "1", "0");
    }

    @Test
    void mountingIsRefused() throws Exception {
        Result result = run("mount -t tmpfs x /tmp; umount /proc; unshare -r true; unshare -m true; mount -o remount,rw"
                + " /proc/sys; true");
        assertThat(result.error()).hasSize(5).allMatch(line -> line.matches(".*(not permitted|denied).*"));
    }

    @Test
    void theMachinesSettingsAreOutOfReach() throws Exception {
        Result result = run("""
                echo x > /proc/sys/kernel/core_pattern
                echo b > /proc/sysrq-trigger
                mkdir /sys/fs/cgroup/mine
                find /sys -xdev -type f -path '*/fs/cgroup/*' | wc -l
                cat /proc/kcore /proc/keys | wc -c
                mknod /tmp/disk b 8 0
                """);
        assertThat(result.out()).containsExactly("0", "0");
        assertThat(result.error()).hasSizeGreaterThanOrEqualTo(4);
        assertThat(result.changed()).isEmpty();
    }

    @Test
    void theBuildersFilesAreOutOfReach() throws Exception {
        Files.writeString(folder.resolve("credentials"), "hidden");
        String path = folder.toString();
        Result result = run("ls " + path + "; cat /proc/1/root" + path + "/credentials; cat /proc/*/environ | tr '\\0'"
                + " '\\n'; grep -c kiln /proc/self/mountinfo; grep -c " + folder.getFileName()
                + " /proc/self/mountinfo");
        assertThat(result.out())
                .doesNotContain("hidden")
                .noneMatch(line -> line.startsWith("KILN_"))
                .endsWith("0");
    }

    @Test
    void chrootDoesNotLeadOut() throws Exception {
        // The classic way out: a root below the working directory, then up.
        Result result = run("mkdir /jail && cp /bin/busybox /jail && cd / && "
                + "chroot /jail /busybox ls /; cd /jail/../../../.. && ls | head -3; ls /.. | head -3");
        assertThat(result.out()).containsExactly("busybox", "bin", "dev", "etc", "bin", "dev", "etc");
    }

    @Test
    void namespacesThatSeccompRefusesAreNamedSo() throws Exception {
        byte[] script = Files.readAllBytes(Path.of("src/main/sh/enter-namespaces"));
        List<SandboxMount> mounts = new ArrayList<>();
        for (String tools : List.of("/bin", "/lib", "/lib64", "/sbin", "/usr")) {
            assumeTrue(Files.isDirectory(Path.of(tools)), "this machine has no " + tools);
            mounts.add(new SandboxMount.Bind(Path.of(tools).toRealPath(), tools, Access.READ_ONLY));
        }
        mounts.add(new SandboxMount.MemoryFile("/enter", script, 0755, 0, 0));
        Result result =
                run(ProcessSpec.of(List.of("/enter", "true"), List.of(), "/").withMounts(mounts));
        assertThat(result.status().code()).isEqualTo(125);
        assertThat(result.error())
                .containsExactly("enter-namespaces: the seccomp profile of this container refuses a user namespace"
                        + " (unshare: unshare failed: Operation not permitted). In a pod, leave"
                        + " securityContext.seccompProfile unset or name a Localhost profile that allows unshare, setns"
                        + " and mount (RuntimeDefault does not); with Docker, use --security-opt seccomp=unconfined.");
    }
}
