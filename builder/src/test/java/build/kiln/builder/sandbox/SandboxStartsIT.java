package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.builder.snapshot.BusyboxLayer;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.Snapshots;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Under which users and capabilities a builder can run processes.
@InNamespaces
class SandboxStartsIT extends SandboxTests {

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
            if (!entry.isEmpty() && Files.exists(Path.of(entry))) {
                classPath.add(copy(Path.of(entry), copies.resolve(classPath.size() + ".jar")));
            }
        }
        String[] start = {"unshare", "--mount", "sh", "-c", prepare, "sh", copy(ENTER, folder.resolve("enter"))};
        assertThat(inABuilderOf(String.join(File.pathSeparator, classPath), start))
                .containsExactlyInAnyOrder(
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
}
