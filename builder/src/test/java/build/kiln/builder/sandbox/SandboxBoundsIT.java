package build.kiln.builder.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import build.kiln.builder.sandbox.ExitStatus.Ending;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// A process that wants more than its bounds is stopped by the kernel, or by its guard.
@InNamespaces
class SandboxBoundsIT extends SandboxTests {

    /// Starts what does nothing, until it is refused; then it says how many there are.
    private static final String FILL = "i=0; while sleep 60 & do i=$((i+1)); test $i -lt 3000 || break; done;";

    /// Runs its further arguments as root of a user namespace with the map of ids that is the first one.
    private static final String MAPPED = """
            map=$1; shift
            unshare --user sleep 30 & p=$!
            while [ /proc/$p/ns/user -ef /proc/self/ns/user ]; do :; done
            echo $map >/proc/$p/uid_map; echo $map >/proc/$p/gid_map
            nsenter --user --target $p --setuid 0 --setgid 0 -- "$@"; status=$?
            kill -KILL $p; exit $status
            """;

    private static Bounds bounds(int processes) {
        return new Bounds(Duration.ofMinutes(1), processes, () -> false);
    }

    private static List<String> mapped(String map, List<String> command) {
        List<String> all = new ArrayList<>(List.of("sh", "-c", MAPPED, "sh", map));
        all.addAll(command);
        return all;
    }

    private static List<String> said(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        process.waitFor();
        return lines;
    }

    @Test
    void thePidSpaceOfARunIsNoLargerThanItsBound() throws Exception {
        assumeTrue(
                said(OciRuntime.isolated(600, List.of("cat", "/proc/sys/kernel/pid_max")))
                        .equals(List.of("600")),
                "pid spaces have bounds of their own since Linux 6.14");
        Result result = run(shell(FILL), bounds(600));
        assertThat(result.error()).anyMatch(line -> line.contains("can't fork: Resource temporarily unavailable"));
        assertThat(result.status().ending()).isEqualTo(Ending.EXITED);
        assertThat(result.status().code()).isNotZero();
        assertThat(lines("echo again")).as("afterwards").containsExactly("again");
    }

    @Test
    void allUsersOfARunTogetherHaveNoMoreProcessesThanItsBoundWhereTheirRootIsNotTheMachines() throws Exception {
        String threeUsers =
                "ulimit -Hp 2>/dev/null || ulimit -Hu; for user in 1 2 3; do setpriv --reuid $user --clear-groups"
                        + " sh -c 'i=0; while [ $i -lt 90 ]; do sleep 60 & i=$((i+1)); done; echo all; sleep 3' & done; wait";
        // No pid space can be bounded by so few: this is what the user namespace does.
        List<String> said = said(mapped(
                "0 1000 10000",
                OciRuntime.isolated(200, mapped("0 0 5000", List.of("timeout", "20", "sh", "-c", threeUsers)))));
        assertThat(said).first().isEqualTo("200");
        assertThat(said).filteredOn("all"::equals).as("users who got their 90").hasSizeLessThan(3);
        assertThat(said).anyMatch(line -> line.toLowerCase(Locale.ROOT).contains("cannot fork"));
    }

    @Test
    void theGuardEndsAProcessWithAllThatItHasStarted() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        Result result = run(
                shell("echo up; (setsid sleep 60 &); sleep 60"),
                new Bounds(Duration.ofMinutes(1), Bounds.USUAL_PROCESSES, () -> looks.incrementAndGet() > 10));
        assertThat(result.out()).containsExactly("up");
        assertThat(result.status().ending()).isEqualTo(Ending.OVERRUN);
        assertThat(result.status().duration()).isLessThan(Duration.ofSeconds(30));
    }
}
