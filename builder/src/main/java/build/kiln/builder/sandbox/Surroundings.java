package build.kiln.builder.sandbox;

import build.kiln.builder.linux.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What the kernel says of this process: what it may do, and what keeps it from more.
///
/// @param uid its effective user
/// @param capabilities that it has, in the words of the OCI runtime
/// @param seccomp what filters its system calls
/// @param profile of AppArmor, with its mode; empty where AppArmor is not at work
/// @param noNewPrivileges whether programs that it executes get no privileges of their own
public record Surroundings(
        long uid, Set<String> capabilities, Seccomp seccomp, String profile, NoNewPrivileges noNewPrivileges) {

    private static final Path SELF = Path.of("/proc/self");

    /// The kernel's numbers of capabilities.
    private static final List<String> NUMBERED = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "DAC_READ_SEARCH",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_MODULE",
            "SYS_RAWIO",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_PACCT",
            "SYS_ADMIN",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_RESOURCE",
            "SYS_TIME",
            "SYS_TTY_CONFIG",
            "MKNOD",
            "LEASE",
            "AUDIT_WRITE",
            "AUDIT_CONTROL",
            "SETFCAP");

    /// Whether system calls are filtered.
    public enum Seccomp {
        NONE,
        STRICT,
        FILTER
    }

    /// Whether setuid bits and file capabilities count.
    public enum NoNewPrivileges {
        SET,
        UNSET
    }

    public Surroundings {
        capabilities = Set.copyOf(capabilities);
    }

    /// Whether it may do everything in its user namespace.
    public boolean hasAllCapabilities() {
        return capabilities.size() == NUMBERED.size();
    }

    /// Reads it now.
    public static Surroundings ofThisProcess() throws IOException {
        long effective = 0;
        Seccomp seccomp = Seccomp.NONE;
        NoNewPrivileges noNewPrivileges = NoNewPrivileges.UNSET;
        for (String line : Files.readAllLines(SELF.resolve("status"), StandardCharsets.ISO_8859_1)) {
            String value = line.substring(line.indexOf(':') + 1).strip();
            if (line.startsWith("CapEff:")) {
                effective = Long.parseUnsignedLong(value, 16);
            } else if (line.startsWith("Seccomp:")) {
                seccomp = value.equals("0") ? Seccomp.NONE : value.equals("1") ? Seccomp.STRICT : Seccomp.FILTER;
            } else if (line.startsWith("NoNewPrivs:")) {
                noNewPrivileges = value.equals("0") ? NoNewPrivileges.UNSET : NoNewPrivileges.SET;
            }
        }
        return new Surroundings(Processes.effectiveUid(), names(effective), seccomp, appArmor(), noNewPrivileges);
    }

    private static Set<String> names(long bits) {
        Set<String> all = new TreeSet<>();
        for (int i = 0; i < NUMBERED.size(); i++) {
            if ((bits >> i & 1) != 0) {
                all.add("CAP_" + NUMBERED.get(i));
            }
        }
        return all;
    }

    private static String appArmor() {
        try {
            String text = Files.readString(SELF.resolve("attr/current"))
                    .replace("\0", "")
                    .strip();
            return text.equals("unconfined") ? "" : text;
        } catch (IOException e) {
            return ""; // this kernel has no such module
        }
    }

    /// What probably refuses mounts and namespaces, and how to change that; empty if nothing is known to.
    public String advice() {
        if (!profile.isEmpty()) {
            return "The AppArmor profile \"" + profile
                    + "\" is at work, and those of container runtimes deny mounts: in a"
                    + " pod, set securityContext.appArmorProfile to a Localhost profile that allows mount and userns.";
        }
        if (seccomp == Seccomp.FILTER) {
            return "A seccomp profile filters system calls: in a pod, leave securityContext.seccompProfile unset or"
                    + " name a Localhost profile that allows unshare, setns and mount (RuntimeDefault does not).";
        }
        return "";
    }
}
