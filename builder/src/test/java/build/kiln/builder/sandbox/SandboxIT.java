package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.sandbox.ExitStatus.Ending;
import build.kiln.builder.sandbox.Isolation.Rung;
import build.kiln.builder.sandbox.OutputSink.Stream;
import build.kiln.builder.sandbox.SandboxMount.Access;
import build.kiln.builder.snapshot.BusyboxLayer;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InNamespaces
class SandboxIT {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Path ENTER = Path.of("src/main/sh/enter-namespaces").toAbsolutePath();
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    @TempDir
    static Path folder;

    private static Path base;
    private static Snapshots snapshots;
    private static Sandbox sandbox;

    @BeforeAll
    static void open() throws Exception {
        base = BusyboxLayer.make(folder.resolve("base"));
        Isolation isolation = new IsolationProbe(folder).probe();
        assertThat(isolation.leftOut()).isEmpty();
        assertThat(isolation.rung()).isEqualTo(Rung.USERNS);
        snapshots = Snapshots.open(folder);
        sandbox = Sandbox.open(isolation, snapshots);
    }

    @AfterAll
    static void close() {
        if (sandbox != null) {
            sandbox.close();
            snapshots.close();
        }
    }

    /// What a process printed, and how it ended.
    private record Result(ExitStatus status, List<String> out, List<String> error, List<String> changed) {}

    private static ProcessSpec shell(String script) {
        return ProcessSpec.of(List.of("/bin/sh", "-c", script), List.of(), "/");
    }

    private static Result run(String script) throws Exception {
        return run(shell(script), LONG);
    }

    private static Result run(ProcessSpec spec) throws Exception {
        return run(spec, LONG);
    }

    private static Result run(ProcessSpec spec, Duration timeout) throws Exception {
        List<String> out = new ArrayList<>();
        List<String> error = new ArrayList<>();
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            ExitStatus status = sandbox.run(
                    root,
                    spec,
                    (stream, line) ->
                            (stream == Stream.OUT ? out : error).add(new String(line, StandardCharsets.UTF_8)),
                    timeout);
            return new Result(status, out, error, tree(root.unmount()));
        }
    }

    private static List<String> tree(Path changeset) throws IOException {
        try (var all = Files.walk(changeset)) {
            return all.filter(path -> !path.equals(changeset))
                    .map(path -> changeset.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    private static List<String> lines(String script) throws Exception {
        Result result = run(script);
        assertThat(result.error()).isEmpty();
        assertThat(result.status().succeeded()).isTrue();
        return result.out();
    }

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
                        "uid=1000(app) gid=1000(app) groups=29(audio),44(video)",
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
                0);
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
    void stdinIsGivenOrEmpty() throws Exception {
        assertThat(run(ProcessSpec.of(List.of("sh"), List.of(), "/").withStdin("echo one\necho two\n"))
                        .out())
                .containsExactly("one", "two");
        assertThat(lines("cat | wc -c")).containsExactly("0");
    }

    @Test
    void limitsAndSharedMemoryAreAsAsked() throws Exception {
        ProcessSpec spec = shell("ulimit -n; ulimit -Hn; ulimit -c; df -m /dev/shm | tail -1 | awk '{print $2}'")
                .withLimits(List.of(new ResourceLimit("nofile", 100, 200), new ResourceLimit("core", 0, 0)), 7 << 20);
        assertThat(run(spec).out()).containsExactly("100", "200", "0", "7");
    }

    @Test
    void exitStatusIsTheProcesssOwn() throws Exception {
        for (int code : new int[] {0, 1, 42, 126, 127, 137, 255}) {
            ExitStatus status = run("exit " + code).status();
            assertThat(status.code()).isEqualTo(code);
            assertThat(status.ending()).isEqualTo(Ending.EXITED);
        }
    }

    @Test
    void signalOfAChildIsSeenAsItsShellSeesIt() throws Exception {
        assertThat(run("sh -c 'kill -9 $$'; exit $?").status().code()).isEqualTo(137);
        assertThat(run("sh -c 'kill -TERM $$'; exit $?").status().code()).isEqualTo(143);
    }

    @Test
    void missingShellIsStatus127() throws Exception {
        Result result = run(ProcessSpec.of(List.of("/bin/bash", "-c", "true"), List.of(), "/"));
        assertThat(result.status().code()).isEqualTo(127);
        assertThat(result.status().ending()).isEqualTo(Ending.NOT_STARTED);
        assertThat(result.error()).containsExactly("There is no /bin/bash in the image.");
        assertThat(result.out()).isEmpty();
        assertThat(result.changed()).isEmpty();
    }

    @Test
    void programsThatCannotStartSayWhy() throws Exception {
        Path files = Files.createDirectory(folder.resolve("programs"));
        Files.writeString(files.resolve("garbage"), "\u0001\u0002\u0003");
        Files.writeString(files.resolve("script"), "#!/no/such/interpreter\n");
        Files.writeString(files.resolve("text"), "#!/bin/sh\n");
        Files.setAttribute(files.resolve("garbage"), "unix:mode", 0755);
        Files.setAttribute(files.resolve("script"), "unix:mode", 0755);
        assertThat(startError(files, "no-such-tool"))
                .isEqualTo("127 There is no program \"no-such-tool\" in the folders of PATH in the image.");
        assertThat(startError(files, "/p/garbage"))
                .isEqualTo(
                        "126 /p/garbage is neither a program for this machine nor a script with #! in its first line.");
        assertThat(startError(files, "/p/script"))
                .isEqualTo(
                        "127 /p/script needs an interpreter or a dynamic loader that is not in the image: look at its"
                                + " first line or at what it is linked with.");
        assertThat(startError(files, "/p/text"))
                .isEqualTo("126 /p/text cannot be executed (Permission denied): it is a directory, or this user may not"
                        + " execute it.");
        assertThat(startError(files, "/p"))
                .isEqualTo(
                        "126 /p cannot be executed (Operation not permitted): it is a directory, or this user may not"
                                + " execute it.");
    }

    private static String startError(Path files, String program) throws Exception {
        Result result = run(ProcessSpec.of(List.of(program), List.of(), "/")
                .withMounts(List.of(new SandboxMount.Bind(files, "/p", Access.READ_ONLY))));
        assertThat(result.status().ending()).as(result.toString()).isEqualTo(Ending.NOT_STARTED);
        return result.status().code() + " " + String.join("\n", result.error());
    }

    @Test
    void lineThatLooksLikeAStartErrorIsNotLost() throws Exception {
        Result result = run("echo 'open executable: this is mine' >&2; echo out; exit 3");
        assertThat(result.error()).containsExactly("open executable: this is mine");
        assertThat(result.out()).containsExactly("out");
        assertThat(result.status().code()).isEqualTo(3);
    }

    @Test
    void manyLinesArriveInOrder() throws Exception {
        List<String> expected =
                IntStream.rangeClosed(1, 100_000).mapToObj(Integer::toString).toList();
        assertThat(lines("seq 1 100000")).isEqualTo(expected);
    }

    @Test
    void linesArriveWhileTheProcessRuns() throws Exception {
        Path gate = Files.createDirectory(folder.resolve("gate"));
        ProcessSpec spec = shell("echo first; while [ ! -e /gate/open ]; do sleep 0.02; done; echo second")
                .withMounts(List.of(new SandboxMount.Bind(gate, "/gate", Access.READ_ONLY)));
        List<String> seen = new ArrayList<>();
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            ExitStatus status = sandbox.run(
                    root,
                    spec,
                    (stream, line) -> {
                        seen.add(new String(line, StandardCharsets.UTF_8));
                        createQuietly(gate.resolve("open"));
                    },
                    LONG);
            assertThat(status.succeeded()).isTrue();
        }
        assertThat(seen).containsExactly("first", "second");
    }

    private static void createQuietly(Path file) {
        try {
            Files.writeString(file, "");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void endlessLineComesInPieces() throws Exception {
        List<Integer> sizes = new ArrayList<>();
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            sandbox.run(
                    root,
                    shell("head -c 1000000 /dev/zero; printf '\\377\\r\\nlast'"),
                    (stream, line) -> sizes.add(line.length),
                    LONG);
        }
        assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(1_000_000 + 2 + 4);
        assertThat(sizes)
                .allMatch(size -> size <= OutputSink.MAX_LINE_BYTES)
                .last()
                .isEqualTo(4);
    }

    @Test
    void sinkThatThrowsEndsTheRunWithItsFailure() throws Exception {
        try (RootFilesystem root = snapshots.mount(List.of(base))) {
            assertThatThrownBy(() -> sandbox.run(
                            root,
                            shell("echo x"),
                            (stream, line) -> {
                                throw new IllegalStateException("the terminal is gone");
                            },
                            LONG))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the terminal is gone");
        }
    }

    @Test
    void timeoutKillsTheWholeTree() throws Exception {
        Path marks = Files.createDirectory(folder.resolve("marks"));
        ProcessSpec spec = shell("(setsid sh -c 'while :; do date +%N > /marks/alive; sleep 0.01; done' &) ;"
                        + " trap '' TERM INT; echo up; sleep 100")
                .withMounts(List.of(new SandboxMount.Bind(marks, "/marks", Access.READ_WRITE)));
        Result result = run(spec, Duration.ofMillis(700));
        assertThat(result.out()).containsExactly("up");
        assertThat(result.status().ending()).isEqualTo(Ending.TIMED_OUT);
        assertThat(result.status().duration()).isBetween(Duration.ofMillis(700), Duration.ofSeconds(10));
        assertNobodyWrites(marks.resolve("alive"));
    }

    @Test
    void whatIsLeftInTheBackgroundEndsWithTheProcess() throws Exception {
        Path marks = Files.createDirectory(folder.resolve("background"));
        ProcessSpec spec = shell("(setsid sh -c 'while :; do date +%N > /marks/alive; sleep 0.01; done' &) ; sleep 0.3")
                .withMounts(List.of(new SandboxMount.Bind(marks, "/marks", Access.READ_WRITE)));
        assertThat(run(spec).status().succeeded()).isTrue();
        assertNobodyWrites(marks.resolve("alive"));
    }

    @Test
    void interruptKillsTheWholeTree() throws Exception {
        Path marks = Files.createDirectory(folder.resolve("interrupted"));
        ProcessSpec spec = shell("while :; do date +%N > /marks/alive; sleep 0.01; done")
                .withMounts(List.of(new SandboxMount.Bind(marks, "/marks", Access.READ_WRITE)));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                run(spec);
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        while (!Files.exists(marks.resolve("alive"))) {
            Thread.sleep(10);
        }
        caller.interrupt();
        caller.join();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertNobodyWrites(marks.resolve("alive"));
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

    @Test
    void fewCapabilitiesAndNoNewPrivilegesAreEnough() throws Exception {
        assertThat(inABuilderOf(
                        CLASS_PATH,
                        "setpriv",
                        "--no-new-privs",
                        "--inh-caps=-all",
                        "--bounding-set=-all,+setuid,+setgid,+setfcap,+chown,+dac_override,+fowner",
                        ENTER.toString()))
                .containsExactly("USERNS []", "1 0", "65535:1", "EXITED 0");
    }

    @Test
    void privateMountsAreEnough() throws Exception {
        assertThat(inABuilderOf(CLASS_PATH, "unshare", "--mount", "--propagation", "private", ENTER.toString()))
                .containsExactly("USERNS []", "1 0", "65535:1", "EXITED 0");
    }

    @Test
    void ordinaryUserWithIdsOfItsOwnIsEnough() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/newuidmap")),
                "newuidmap is not installed: apt-get install uidmap");
        Path ids = Files.writeString(folder.resolve("sub-ids"), "1000:1001:64000\n");
        String prepare = "mount --bind " + ids + " /etc/subuid && mount --bind " + ids + " /etc/subgid && exec setpriv"
                + " --reuid 1000 --regid 1000 --clear-groups \"$@\"";
        // The user may not look into root's home, where Maven keeps the class path.
        Path copies = Files.createDirectory(folder.resolve("class-path"));
        List<String> classPath = new ArrayList<>();
        for (String entry : CLASS_PATH.split(File.pathSeparator, -1)) {
            if (Files.exists(Path.of(entry))) {
                classPath.add(copy(Path.of(entry), copies.resolve(classPath.size() + ".jar")));
            }
        }
        String[] start = {"unshare", "--mount", "sh", "-c", prepare, "sh", copy(ENTER, folder.resolve("enter"))};
        assertThat(inABuilderOf(String.join(File.pathSeparator, classPath), start))
                .containsExactly(
                        "USERNS [There are only 64001 user ids here instead of 65536: a RUN that gives a file to a"
                                + " higher one fails.]",
                        "1 0",
                        "chown: /tmp: Invalid argument",
                        "0:0",
                        "EXITED 0");
    }

    private static String copy(Path from, Path to) throws Exception {
        Process copy = new ProcessBuilder("cp", "-R", from.toString(), to.toString())
                .inheritIO()
                .start();
        assertThat(copy.waitFor()).isZero();
        return to.toString();
    }

    /// What a builder prints that is started like that and runs one process.
    private static List<String> inABuilderOf(String classPath, String... start) throws Exception {
        Path cache = Files.createTempDirectory(folder, "cache");
        Files.setAttribute(cache, "unix:uid", 1000);
        Files.setAttribute(folder, "unix:mode", 0755);
        List<String> command = new ArrayList<>(List.of(start));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                RunsOnce.class.getName(),
                cache.toString()));
        Process builder = new ProcessBuilder(command).redirectErrorStream(true).start();
        builder.getOutputStream().close();
        List<String> printed = builder.inputReader().lines().toList();
        builder.waitFor();
        return printed;
    }

    /// A builder that runs one process.
    static final class RunsOnce {

        private RunsOnce() {}

        public static void main(String[] args) throws Exception {
            Path cache = Path.of(args[0]);
            Isolation isolation = new IsolationProbe(cache).probe();
            System.out.println(isolation.rung() + " " + isolation.remarks());
            try (Snapshots snapshots = Snapshots.open(cache);
                    Sandbox sandbox = Sandbox.open(isolation, snapshots);
                    RootFilesystem root = snapshots.mount(List.of(BusyboxLayer.make(cache.resolve("base"))))) {
                ExitStatus status = sandbox.run(
                        root,
                        shell("echo $$ $(id -u); chown 65535:1 /tmp; stat -c %u:%g /tmp"),
                        (stream, line) -> System.out.println(new String(line, StandardCharsets.UTF_8)),
                        LONG);
                System.out.println(status.ending() + " " + status.code());
            }
        }
    }

    @Test
    void builderThatIsKilledTakesTheWholeTreeWithIt() throws Exception {
        Path marks = Files.createDirectory(folder.resolve("orphans"));
        Process builder = new ProcessBuilder(
                        ENTER.toString(),
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        CLASS_PATH,
                        RunsWithoutEnd.class.getName(),
                        folder.resolve("other-cache").toString(),
                        base.toString(),
                        marks.toString())
                .inheritIO()
                .start();
        while (!Files.exists(marks.resolve("alive"))) {
            assertThat(builder.isAlive()).isTrue();
            Thread.sleep(20);
        }
        builder.destroyForcibly().waitFor();
        Thread.sleep(200);
        assertNobodyWrites(marks.resolve("alive"));
        try (Snapshots next = Snapshots.open(folder.resolve("other-cache"));
                var left = Files.list(folder.resolve("other-cache/snapshots"))) {
            assertThat(left).as("the folder and the lock of the next").hasSize(2);
        }
    }

    /// A builder that is killed while a RUN goes on.
    static final class RunsWithoutEnd {

        private RunsWithoutEnd() {}

        public static void main(String[] args) throws Exception {
            Path cache = Files.createDirectories(Path.of(args[0]));
            Snapshots snapshots = Snapshots.open(cache);
            Sandbox sandbox = Sandbox.open(new IsolationProbe(cache).probe(), snapshots);
            ProcessSpec spec = shell("while :; do date +%N > /marks/alive; sleep 0.01; done")
                    .withMounts(List.of(new SandboxMount.Bind(Path.of(args[2]), "/marks", Access.READ_WRITE)));
            sandbox.run(snapshots.mount(List.of(Path.of(args[1]))), spec, (stream, line) -> {}, LONG);
        }
    }

    private static void assertNobodyWrites(Path file) throws Exception {
        String before = Files.readString(file);
        Thread.sleep(200);
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void manyRunAtOnce() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Result> results = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 8; i++) {
            int number = i;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    results.add(run("echo " + number + "; touch /file-" + number));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(results)
                .hasSize(8)
                .allSatisfy(result -> assertThat(result.changed())
                        .containsExactly("file-" + result.out().getFirst()));
    }

    @Test
    void shortRunCostsLittle() throws Exception {
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long started = System.nanoTime();
            run(ProcessSpec.of(List.of("/bin/true"), List.of(), "/"));
            micros.add((System.nanoTime() - started) / 1000);
        }
        List<Long> warm = micros.subList(10, 40).stream().sorted().toList();
        System.out.printf(
                "A trivial RUN, mount and unmount included: median of 30 %.1f ms, fastest %.1f ms%n",
                warm.get(15) / 1000.0, warm.getFirst() / 1000.0);
        assertThat(warm.getFirst()).isLessThan(150_000L);
    }
}
