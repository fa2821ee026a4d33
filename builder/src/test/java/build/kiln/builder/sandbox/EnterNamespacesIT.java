package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InNamespaces
class EnterNamespacesIT {

    private static final String SCRIPT =
            Path.of("src/main/sh/enter-namespaces").toAbsolutePath().toString();

    /// What a pod of the `userns` rung may do.
    private static final List<String> AS_IN_A_POD = List.of(
            "setpriv",
            "--no-new-privs",
            "--inh-caps=-all",
            "--bounding-set=-all,+setuid,+setgid,+setfcap,+chown,+dac_override,+fowner");

    @TempDir
    Path folder;

    private record Result(int status, List<String> out, List<String> error) {}

    private Result run(String... command) throws Exception {
        Path error = folder.resolve("stderr");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(error.toFile())
                .start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), out.lines().toList(), Files.readAllLines(error));
    }

    private Result run(List<String> before, String... command) throws Exception {
        List<String> all = new ArrayList<>(before);
        all.addAll(List.of(command));
        return run(all.toArray(String[]::new));
    }

    @Test
    void testsRunAsRootOfANamespaceOfTheirOwn() throws Exception {
        IdMap ids = IdMap.ofThisProcess();
        assertThat(ids.isWholeMachine()).isFalse();
        assertThat(ids.count()).isEqualTo(65_536);
        assertThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid")).isEqualTo(0);
    }

    @Test
    void argumentsFolderAndExitStatusAreKept() throws Exception {
        Result result = run(SCRIPT, "sh", "-c", "printf '%s\\n' \"$@\"; pwd; exit 42", "sh", "a b", "", "*", "'$x'");
        assertThat(result.out())
                .containsExactly("a b", "", "*", "'$x'", folder.toRealPath().toString());
        assertThat(result.error()).isEmpty();
        assertThat(result.status()).isEqualTo(42);
    }

    @Test
    void commandHasTheScriptsProcessIdAndNoChildren() throws Exception {
        Process process = new ProcessBuilder(
                        SCRIPT, "sh", "-c", "trap 'echo stopped; exit 7' TERM; echo $$; while :; do sleep 0.02; done")
                .start();
        var out = process.inputReader();
        assertThat(out.readLine()).isEqualTo(Long.toString(process.pid()));
        assertThat(process.children().map(child -> child.info().commandLine().orElse("")))
                .noneMatch(line -> line.contains("sleep 10"));
        process.toHandle().destroy();
        assertThat(out.readLine()).isEqualTo("stopped");
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(7);
    }

    @Test
    void rootWithAPodsFewCapabilitiesGetsAllOfThemInside() throws Exception {
        Result result = run(
                AS_IN_A_POD,
                SCRIPT,
                "sh",
                "-c",
                "grep CapEff /proc/self/status; tr -s ' ' </proc/self/uid_map; mount -t tmpfs x /mnt && chown 65535 ."
                        + " && stat -c %u .");
        assertThat(result.error()).isEmpty();
        assertThat(result.out()).containsExactly("CapEff:\t000001ffffffffff", " 0 0 65536", "65535");
    }

    @Test
    void ordinaryUserGetsTheIdsOfEtcSubuid() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/newuidmap")),
                "newuidmap is not installed: apt-get install uidmap");
        Files.writeString(folder.resolve("sub"), "other:1:1\n1000:2000:60000\n");
        Files.setAttribute(folder, "unix:mode", 0755);
        Result result = run(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount --bind sub /etc/subuid && mount --bind sub /etc/subgid && exec setpriv --reuid 1000 --regid 1000"
                        + " --clear-groups \"$@\"",
                "sh",
                SCRIPT,
                "sh",
                "-c",
                "id -u; tr -s ' ' </proc/self/uid_map; tr -s ' ' </proc/self/gid_map");
        assertThat(result.error()).isEmpty();
        assertThat(result.out()).containsExactly("0", " 0 1000 1", " 1 2000 60000", " 0 1000 1", " 1 2000 60000");
    }

    @Test
    void userWithoutIdsIsToldHowToGetThem() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/newuidmap")),
                "newuidmap is not installed: apt-get install uidmap");
        Result result =
                run("setpriv", "--reuid", "64321", "--regid", "64321", "--clear-groups", SCRIPT, "echo", "not reached");
        assertThat(result.status()).isEqualTo(125);
        assertThat(result.out()).isEmpty();
        assertThat(result.error())
                .containsExactly(
                        "enter-namespaces: user 64321 has no range of ids in /etc/subuid and /etc/subgid. Give it one,"
                                + " as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 64321");
    }

    @Test
    void rootWithoutCapabilitiesIsToldWhichItNeeds() throws Exception {
        Result result = run("setpriv", "--bounding-set=-all", "--inh-caps=-all", SCRIPT, "echo", "not reached");
        assertThat(result.status()).isEqualTo(125);
        assertThat(result.out()).isEmpty();
        assertThat(result.error())
                .containsExactly(
                        "enter-namespaces: root may not map ids here. Root needs the capabilities SETUID, SETGID and"
                                + " SETFCAP; in a pod: securityContext.capabilities.add: [SETUID, SETGID, SETFCAP, CHOWN,"
                                + " DAC_OVERRIDE, FOWNER].");
    }

    @Test
    void namespacesThatAreSwitchedOffAreNamedByTheirSetting() throws Exception {
        Result result = run(
                SCRIPT, "sh", "-c", "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$@\"", "sh", SCRIPT, "true");
        assertThat(result.status()).isEqualTo(125);
        assertThat(result.error())
                .containsExactly("enter-namespaces: user namespaces are switched off: the kernel setting"
                        + " user.max_user_namespaces is 0. Set it to 65536 on this machine or node: sysctl -w"
                        + " user.max_user_namespaces=65536");
    }

    @Test
    void whoWantsToStayIsToldTheReasonAndKeepsItsArguments() throws Exception {
        Result result = run(
                "setpriv",
                "--bounding-set=-all",
                "--inh-caps=-all",
                SCRIPT,
                "--or-stay",
                "sh",
                "-c",
                "echo \"$KILN_NAMESPACES_REFUSED\" | cut -c1-26; printf '[%s]' \"$@\"",
                "sh",
                "it's",
                "'",
                "two  \"words\"",
                "");
        assertThat(result.status()).isZero();
        assertThat(result.out()).containsExactly("root may not map ids here.", "[it's]['][two  \"words\"][]");
    }

    @Test
    void capabilitiesStayWhenTheCommandChangesItsUsers() throws Exception {
        Result result = run(SCRIPT, "setpriv", "--dump");
        assertThat(result.out()).contains("Securebits: no_setuid_fixup");
    }

    @Test
    void missingCommandIsAnError() throws Exception {
        Result result = run(SCRIPT);
        assertThat(result.status()).isEqualTo(125);
        assertThat(result.error())
                .containsExactly("enter-namespaces: name the command to run: enter-namespaces COMMAND [ARGUMENT...]");
    }

    @Test
    void enteringCostsLittle() throws Exception {
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            long started = System.nanoTime();
            assertThat(run(SCRIPT, "true").status()).isZero();
            micros.add((System.nanoTime() - started) / 1000);
        }
        List<Long> sorted = micros.stream().sorted().toList();
        System.out.printf(
                "Entering the namespaces: median of 20 %.1f ms, fastest %.1f ms%n",
                sorted.get(10) / 1000.0, sorted.getFirst() / 1000.0);
        assertThat(sorted.getFirst()).isLessThan(100_000L);
    }
}
