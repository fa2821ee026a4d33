package build.kiln.builder.sandbox;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/// System calls that a RUN does not get: those that Docker refuses to a container without special capabilities.
///
/// Most of them need capabilities over the machine, which a RUN has not; the filter keeps it from the kernel's
/// code for them. The others make new namespaces, in which a process would get all capabilities again, and
/// mounts.
final class Seccomp {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final int EAFNOSUPPORT = 97;
    private static final int AF_UNIX = 1;
    private static final int AF_VSOCK = 40;

    /// The bits that the kernel looks at of an argument that is an int.
    private static final long INT = 0xffff_ffffL;

    private static final List<String> REFUSED = List.of(
            // namespaces and mounts
            "fsconfig",
            "fsmount",
            "fsopen",
            "fspick",
            "mount",
            "mount_setattr",
            "move_mount",
            "open_tree",
            "pivot_root",
            "setns",
            "umount",
            "umount2",
            "unshare",
            // the kernel's keys, which no namespace keeps apart
            "add_key",
            "keyctl",
            "request_key",
            // the machine as a whole
            "acct",
            "clock_adjtime",
            "clock_settime",
            "delete_module",
            "finit_module",
            "init_module",
            "ioperm",
            "iopl",
            "kexec_file_load",
            "kexec_load",
            "quotactl",
            "quotactl_fd",
            "reboot",
            "settimeofday",
            "stime",
            "swapoff",
            "swapon",
            "syslog",
            "vhangup",
            // ways to watch or to confuse the kernel
            "bpf",
            "fanotify_init",
            "io_uring_enter",
            "io_uring_register",
            "io_uring_setup",
            "kcmp",
            "lookup_dcookie",
            "open_by_handle_at",
            "perf_event_open",
            "userfaultfd");

    private static final int CLONE_NEWNS = 0x00020000;
    private static final int CLONE_NEWCGROUP = 0x02000000;
    private static final int CLONE_NEWUTS = 0x04000000;
    private static final int CLONE_NEWIPC = 0x08000000;
    private static final int CLONE_NEWUSER = 0x10000000;
    private static final int CLONE_NEWPID = 0x20000000;
    private static final int CLONE_NEWNET = 0x40000000;

    private Seccomp() {}

    /// What a RUN gets that has a user namespace of its own.
    static ObjectNode profile() {
        return profile(List.of(sockets(EPERM, "SCMP_CMP_EQ", AF_VSOCK)));
    }

    /// What a RUN gets that shares the builder's namespaces: it cannot become [OtherUser].
    ///
    /// @param network NONE leaves it no sockets but those of files
    static ObjectNode sharedProfile(NetworkAccess network) {
        List<ObjectNode> more = new ArrayList<>();
        for (String suffix : List.of("", "32")) {
            more.add(refused(EPERM, "setuid" + suffix, 0, OtherUser.UID));
            more.add(refused(EPERM, "setfsuid" + suffix, 0, OtherUser.UID));
            for (int argument = 0; argument < 2; argument++) {
                more.add(refused(EPERM, "setreuid" + suffix, argument, OtherUser.UID));
            }
            for (int argument = 0; argument < 3; argument++) {
                more.add(refused(EPERM, "setresuid" + suffix, argument, OtherUser.UID));
            }
        }
        if (network == NetworkAccess.NONE) {
            more.add(sockets(EAFNOSUPPORT, "SCMP_CMP_GT", AF_UNIX));
            // Its arguments lie in memory, where a filter cannot look; 32-bit programs have the other call, too.
            ObjectNode old = rule(JSON.arrayNode(), EAFNOSUPPORT);
            ((ArrayNode) old.get("names")).add("socketcall");
            more.add(old);
        } else {
            more.add(sockets(EPERM, "SCMP_CMP_EQ", AF_VSOCK));
        }
        return profile(more);
    }

    private static ObjectNode sockets(int errno, String comparison, int family) {
        ObjectNode rule = rule(JSON.arrayNode(), errno);
        ((ArrayNode) rule.get("names")).add("socket");
        rule.putArray("args").addObject().put("index", 0).put("value", family).put("op", comparison);
        return rule;
    }

    private static ObjectNode refused(int errno, String call, int argument, int value) {
        ObjectNode rule = rule(JSON.arrayNode(), errno);
        ((ArrayNode) rule.get("names")).add(call);
        rule.putArray("args")
                .addObject()
                .put("index", argument)
                .put("value", INT)
                .put("valueTwo", value)
                .put("op", "SCMP_CMP_MASKED_EQ");
        return rule;
    }

    private static ObjectNode profile(List<ObjectNode> more) {
        ObjectNode profile = JSON.objectNode().put("defaultAction", "SCMP_ACT_ALLOW");
        ArrayNode architectures = profile.putArray("architectures");
        architectures(System.getProperty("os.arch")).forEach(architectures::add);
        ArrayNode rules = profile.putArray("syscalls");
        ObjectNode refused = rule(rules, EPERM);
        REFUSED.forEach(((ArrayNode) refused.get("names"))::add);
        for (int flag : new int[] {
            CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET
        }) {
            ObjectNode rule = rule(rules, EPERM);
            ((ArrayNode) rule.get("names")).add("clone");
            rule.putArray("args")
                    .addObject()
                    .put("index", 0)
                    .put("value", flag)
                    .put("valueTwo", flag)
                    .put("op", "SCMP_CMP_MASKED_EQ");
        }
        // Its flags lie in memory, where a filter cannot look; the C libraries then use clone.
        ((ArrayNode) rule(rules, ENOSYS).get("names")).add("clone3");
        more.forEach(rules::add);
        return profile;
    }

    private static ObjectNode rule(ArrayNode rules, int errno) {
        ObjectNode rule = rules.addObject().put("action", "SCMP_ACT_ERRNO").put("errnoRet", errno);
        rule.putArray("names");
        return rule;
    }

    /// The machine's own and those that its 32-bit programs have.
    private static List<String> architectures(String architecture) {
        return switch (architecture) {
            case "amd64", "x86_64" -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
            case "aarch64" -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
            default -> List.of();
        };
    }
}
