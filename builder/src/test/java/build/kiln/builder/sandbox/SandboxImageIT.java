package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.sandbox.SandboxMount.Access;
import build.kiln.builder.snapshot.RootFilesystem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a process may do to its image, and what it finds mounted in it.
@InNamespaces
class SandboxImageIT extends SandboxTests {

    @Test
    void rootMayDoWhatDockerAllows() throws Exception {
        Result result = run("""
                set -e
                touch /tmp/a /tmp/b /tmp/c
                chown 1000:1000 /tmp/a
                chown 65534:65534 /tmp/b
                cp /bin/busybox /tmp/suid && chmod 4755 /tmp/suid
                mkdir /tmp/sticky && chmod 1777 /tmp/sticky
                mkfifo /tmp/fifo
                stat -c '%n %u:%g %a' /tmp/a /tmp/b /tmp/suid /tmp/sticky
                su app -c 'id -u; touch /tmp/mine; stat -c %u /tmp/mine'
                """);
        assertThat(result.error()).isEmpty();
        assertThat(result.out())
                .containsExactly(
                        "/tmp/a 1000:1000 644",
                        "/tmp/b 65534:65534 644",
                        "/tmp/suid 0:0 4755",
                        "/tmp/sticky 0:0 1777",
                        "1000",
                        "1000");
        assertThat(result.changed())
                .containsExactly("tmp", "tmp/a", "tmp/b", "tmp/c", "tmp/fifo", "tmp/mine", "tmp/sticky", "tmp/suid");
    }

    @Test
    void ownersModesAndSetuidReachTheChangeset() throws Exception {
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            sandbox.run(
                    root,
                    shell("touch /a; chown 1000:44 /a; chmod 6711 /a; rm -r /tmp; mkdir /tmp; rm /bin/ls"),
                    (stream, line) -> {},
                    LONG);
            Path changeset = root.unmount();
            assertThat(Files.readAttributes(changeset.resolve("a"), "unix:uid,gid,mode"))
                    .containsEntry("uid", 1000)
                    .containsEntry("gid", 44)
                    .containsEntry("mode", 0106711);
            try (Directory top = Directory.open(changeset);
                    Directory bin = Directory.open(changeset.resolve("bin"))) {
                assertThat(bin.status("ls".getBytes(StandardCharsets.UTF_8)).isOverlayWhiteout())
                        .isTrue();
                assertThat(top.xattr("tmp".getBytes(StandardCharsets.UTF_8), "user.overlay.opaque"))
                        .isPresent();
            }
        }
    }

    @Test
    void fileCapabilitiesReachTheChangeset() throws Exception {
        Path setcap = Path.of("/usr/sbin/setcap");
        assumeTrue(Files.isExecutable(setcap), "setcap is not installed: apt-get install libcap2-bin");
        ProcessSpec spec = shell("cp /bin/busybox /tool; /machine/usr/sbin/setcap cap_net_raw+ep /tool")
                .withMounts(List.of(
                        new SandboxMount.Bind(Path.of("/usr"), "/machine/usr", Access.READ_ONLY),
                        new SandboxMount.Bind(Path.of("/lib"), "/lib", Access.READ_ONLY),
                        new SandboxMount.Bind(Path.of("/lib64"), "/lib64", Access.READ_ONLY),
                        new SandboxMount.Bind(Path.of("/usr/lib"), "/usr/lib", Access.READ_ONLY)));
        List<String> output = new ArrayList<>();
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            ExitStatus status = sandbox.run(
                    root, spec, (stream, line) -> output.add(new String(line, StandardCharsets.UTF_8)), LONG);
            assertThat(output).isEmpty();
            assertThat(status.code()).isZero();
            Path changeset = root.unmount();
            try (Directory top = Directory.open(changeset)) {
                byte[] value = top.xattr("tool".getBytes(StandardCharsets.UTF_8), "security.capability")
                        .orElseThrow();
                assertThat(value).as("version 2, as it stands in a layer").hasSize(20);
            }
            assertThat(tree(changeset)).containsExactly("tool");
        }
    }

    @Test
    void userIsLookedUpInTheImage() throws Exception {
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            assertThat(ProcessUser.find(root, "")).isEqualTo(ProcessUser.ROOT);
            assertThat(ProcessUser.find(root, "app")).isEqualTo(new ProcessUser(1000, 1000, List.of(29L, 44L)));
            assertThat(ProcessUser.find(root, "1000")).isEqualTo(new ProcessUser(1000, 1000, List.of(29L, 44L)));
            assertThat(ProcessUser.find(root, "app:video")).isEqualTo(new ProcessUser(1000, 44, List.of()));
            assertThat(ProcessUser.find(root, "4242")).isEqualTo(new ProcessUser(4242, 0, List.of()));
            assertThat(ProcessUser.find(root, "1000:29")).isEqualTo(new ProcessUser(1000, 29, List.of()));
            assertThat(ProcessUser.find(root, "nobody:4242")).isEqualTo(new ProcessUser(65534, 4242, List.of()));
            assertThatThrownBy(() -> ProcessUser.find(root, "ghost"))
                    .isInstanceOf(UnknownUserException.class)
                    .hasMessage(
                            "There is no user \"ghost\" in the image's /etc/passwd. Make one with useradd or adduser"
                                    + " before, or give its number.");
            assertThatThrownBy(() -> ProcessUser.find(root, "app:ghosts"))
                    .isInstanceOf(UnknownUserException.class)
                    .hasMessage("There is no group \"ghosts\" in the image's /etc/group. Make one with groupadd or"
                            + " addgroup before, or give its number.");
        }
    }

    @Test
    void processRunsAsItsUserWithoutCapabilities() throws Exception {
        ProcessSpec spec = shell("id; grep CapEff /proc/self/status; touch /root/x; touch /tmp/x; echo $HOME")
                .withUser(new ProcessUser(1000, 1000, List.of(29L, 44L)));
        Result result = run(spec);
        assertThat(result.out())
                .containsExactly(
                        "uid=1000(app) gid=1000(app) groups=29(audio),44(video),1000(app)",
                        "CapEff:\t0000000000000000",
                        "/home/app");
        assertThat(result.error()).containsExactly("touch: /root/x: Permission denied");
    }

    @Test
    void workingDirectoryIsMadeForTheUser() throws Exception {
        ProcessSpec spec = ProcessSpec.of(List.of("sh", "-c", "pwd; stat -c %u:%g:%a ."), List.of(), "/srv/app/work")
                .withUser(new ProcessUser(1000, 44, List.of()));
        Result result = run(spec);
        assertThat(result.out()).containsExactly("/srv/app/work", "1000:44:755");
        assertThat(result.changed()).containsExactly("srv", "srv/app", "srv/app/work");
    }

    @Test
    void readOnlyBindIsNotWritable() throws Exception {
        Path source = Files.createDirectory(folder.resolve("context"));
        Files.writeString(source.resolve("file"), "text");
        ProcessSpec spec = shell("cat /src/file; echo x > /src/new; rm /src/file; chown 1 /src/file")
                .withMounts(List.of(new SandboxMount.Bind(source, "/src", Access.READ_ONLY)));
        Result result = run(spec);
        assertThat(result.out()).containsExactly("text");
        assertThat(result.error()).hasSize(3).allMatch(line -> line.endsWith("Read-only file system"));
        assertThat(result.changed()).isEmpty();
        assertThat(source.resolve("file")).hasContent("text");
    }

    @Test
    void bindHasTheOptionsThatAreAskedFor() throws Exception {
        Path source = Files.createDirectory(folder.resolve("driver"));
        Files.writeString(source.resolve("tool"), "#!/bin/sh\necho ran\n");
        Files.setPosixFilePermissions(source.resolve("tool"), PosixFilePermissions.fromString("rwxr-xr-x"));
        ProcessSpec spec = shell("/a/tool; /b/tool; grep ' /b ' /proc/self/mounts")
                .withMounts(List.of(
                        new SandboxMount.Bind(source, "/a", Access.READ_ONLY),
                        new SandboxMount.Bind(source, "/b", Access.READ_ONLY, List.of("noexec", "nosuid", "nodev"))));
        Result result = run(spec);
        assertThat(result.error())
                .as(result.toString())
                .singleElement()
                .asString()
                .endsWith("Permission denied");
        assertThat(result.out()).hasSize(2).first().isEqualTo("ran");
        assertThat(result.out().getLast()).contains("ro,", "nosuid", "nodev", "noexec");
    }

    @Test
    void writableBindKeepsWhatIsWritten() throws Exception {
        Path source = Files.createDirectory(folder.resolve("cache-mount"));
        ProcessSpec spec = shell("echo kept > /root/.cache/tool/file")
                .withMounts(List.of(new SandboxMount.Bind(source, "/root/.cache/tool", Access.READ_WRITE)));
        Result result = run(spec);
        assertThat(result.error()).isEmpty();
        assertThat(source.resolve("file")).hasContent("kept");
        assertThat(result.changed()).isEmpty();
    }

    @Test
    void tmpfsIsEmptyBoundedAndGoneAfterwards() throws Exception {
        // The shell's own programs are hidden: hence a second place for them.
        ProcessSpec spec = new ProcessSpec(
                List.of("/tools/sh", "-c", "PATH=/tools; ls -A /bin; dd if=/dev/zero of=/bin/big bs=1M count=3"),
                List.of("PATH=/tools"),
                ProcessUser.ROOT,
                "/",
                null,
                List.of(
                        new SandboxMount.Tmpfs("/bin", 2 << 20),
                        new SandboxMount.Bind(base.resolve("bin"), "/tools", Access.READ_ONLY)),
                NetworkAccess.DEFAULT,
                "kiln",
                List.of(),
                List.of(),
                0,
                Confined.AS_A_CONTAINER,
                DeviceAccess.NONE);
        Result result = run(spec);
        assertThat(result.out()).isEmpty();
        assertThat(result.error()).contains("dd: error writing '/bin/big': No space left on device");
        assertThat(result.changed()).isEmpty();
    }

    @Test
    void secretFileIsReadableByItsOwnerAndLeavesNoTrace() throws Exception {
        byte[] secret = {'s', 0, (byte) 0xff, '\n'};
        ProcessSpec spec = shell(
                        "stat -c %u:%g:%a /run/secrets/token; od -An -tx1 /run/secrets/token; cp /run/secrets/token"
                                + " /tmp/x || true")
                .withUser(new ProcessUser(1000, 1000, List.of()))
                .withMounts(List.of(new SandboxMount.MemoryFile("/run/secrets/token", secret, 0400, 1000, 44)));
        Result result = run(spec);
        assertThat(result.out()).containsExactly("1000:44:400", " 73 00 ff 0a");
        assertThat(result.changed()).containsExactly("tmp", "tmp/x");
        assertThat(spec.toString()).doesNotContain(Arrays.toString(secret));
    }

    @Test
    void scriptInMemoryCanBeExecuted() throws Exception {
        byte[] script = "#!/bin/sh\necho from $0\n".getBytes(StandardCharsets.UTF_8);
        ProcessSpec spec = ProcessSpec.of(List.of("/dev/pipes/EOF"), List.of(), "/")
                .withMounts(List.of(new SandboxMount.MemoryFile("/dev/pipes/EOF", script, 0755, 0, 0)));
        Result result = run(spec);
        assertThat(result.error()).isEmpty();
        assertThat(result.out()).containsExactly("from /dev/pipes/EOF");
        assertThat(result.changed()).isEmpty();
    }

    @Test
    void limitsAndSharedMemoryAreAsAsked() throws Exception {
        ProcessSpec spec = shell("ulimit -n; ulimit -Hn; ulimit -c; df -m /dev/shm | tail -1 | awk '{print $2}'")
                .withLimits(List.of(new ResourceLimit("nofile", 100, 200), new ResourceLimit("core", 0, 0)), 7 << 20);
        assertThat(run(spec).out()).containsExactly("100", "200", "0", "7");
    }
}
