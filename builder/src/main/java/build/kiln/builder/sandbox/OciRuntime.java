package build.kiln.builder.sandbox;

import build.kiln.builder.sandbox.Isolation.Rung;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The command lines that start an isolated process.
///
/// `setpriv` makes the kernel kill the rest when the builder's thread that started it ends, however it ends.
/// `unshare` makes a pid space whose first process is crun: when that dies, the kernel kills whatever is left in
/// it. So one kill ends everything that a RUN has started, and nothing of it outlives the builder. crun then
/// makes the namespaces of the RUN itself, the user namespace among them.
///
/// The pid space has a bound of its own (`kernel.pid_max`, since Linux 6.14), and so has the user namespace that crun
/// makes in it: the kernel counts all its processes against RLIMIT_NPROC of whoever made it (since 5.14), whatever
/// users
/// they are. The second does not hold where the builder's root is the machine's.
///
/// Where a pid space cannot have its /proc, there is none: [Orphans] ends what is left.
final class OciRuntime {

    static final String PROGRAM = "crun";

    /// All that these programs see; it does not reach the RUN.
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    /// Sets both bounds, as far as this kernel and this shell (-u: bash, -p: dash and busybox) know them and no lower
    /// one
    /// is set, and becomes the command.
    private static final String BOUNDED = "{ echo \"$0\" >/proc/sys/kernel/pid_max || :; ulimit -u \"$0\" ||"
            + " ulimit -p \"$0\" || :; } 2>/dev/null; exec \"$@\"";

    private OciRuntime() {}

    /// Starts `command` in a pid space of its own, with the /proc that belongs to it.
    ///
    /// @param processes how many there may be in it
    static List<String> isolated(int processes, List<String> command) {
        List<String> all = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        all.addAll(List.of("unshare", "--pid", "--mount", "--fork", "--kill-child=KILL", "--mount-proc"));
        all.addAll(List.of("sh", "-c", BOUNDED, Integer.toString(processes)));
        all.addAll(command);
        return all;
    }

    /// Starts `command` among the other processes, as a user in earnest: the builder itself has other real and saved
    /// ids (see [OtherUser]).
    static List<String> shared(List<String> command) {
        List<String> all = new ArrayList<>(List.of("setpriv", "--securebits=-no_setuid_fixup", "--ruid=0"));
        all.addAll(List.of("--pdeathsig", "KILL"));
        all.addAll(command);
        return all;
    }

    /// @param folder of this run alone: `bundle/config.json`, and room for crun's state and log
    /// @param processes how many there may be, where there is a pid space for them
    static List<String> run(Path folder, String id, Rung rung, int processes) {
        List<String> crun = new ArrayList<>(List.of(
                PROGRAM,
                "--root=" + folder.resolve("state"),
                "--cgroup-manager=disabled",
                "--log=" + log(folder),
                "--log-format=json",
                "run",
                "--bundle=" + bundle(folder)));
        if (rung == Rung.CHROOT) {
            crun.add("--no-new-keyring"); // which the pod's filter refuses, and the RUN's own
        }
        if (rung != Rung.USERNS) {
            crun.add("--pid-file=" + pidFile(folder));
        }
        crun.add(id);
        return rung == Rung.USERNS ? isolated(processes, crun) : shared(crun);
    }

    static Path bundle(Path folder) {
        return folder.resolve("bundle");
    }

    /// Where the number of the RUN's first process stands, where that is not the first of a pid space.
    static Path pidFile(Path folder) {
        return folder.resolve("pid");
    }

    static Path log(Path folder) {
        return folder.resolve("log");
    }

    static void cleanEnvironment(ProcessBuilder builder) {
        builder.environment().clear();
        builder.environment().putAll(ENVIRONMENT);
    }
}
