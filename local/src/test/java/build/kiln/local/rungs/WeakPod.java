package build.kiln.local.rungs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A container of this machine's files that gives a builder what a pod of that kind would.
///
/// Its users are the machine's, its processes are in a pid space of their own, and the builder is the first of them.
final class WeakPod {

    /// What is environment to the builder and must be nobody's else.
    static final String HIDDEN = "hidden-in-the-environment";

    private static final String ENTER = "/kiln/enter-namespaces";
    private static final String CLASS_PATH = "/kiln/classes/";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Set<String> OWN = Set.of("proc", "sys", "dev", "lost+found");
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final int CLONE_NEWUSER = 0x10000000;

    private static final List<String> CAPABILITIES = List.of(
            "CAP_AUDIT_WRITE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_MKNOD",
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_RAW",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_CHROOT");

    /// What RuntimeDefault refuses to a container without SYS_ADMIN, as far as a builder notices.
    private static final List<String> REFUSED = List.of(
            "add_key",
            "bpf",
            "fsconfig",
            "fsmount",
            "fsopen",
            "fspick",
            "keyctl",
            "mount",
            "mount_setattr",
            "move_mount",
            "open_by_handle_at",
            "open_tree",
            "perf_event_open",
            "pivot_root",
            "request_key",
            "setdomainname",
            "sethostname",
            "setns",
            "syslog",
            "umount",
            "umount2",
            "unshare");

    /// How much the pod allows.
    enum Kind {
        /// As with `hostUsers: false` and `procMount: Unmasked`: namespaces, and a /proc of one's own.
        UNMASKED,
        /// As with nothing set: namespaces, but parts of /proc are masked, so no other one can be mounted.
        DEFAULT,
        /// As with the seccomp profile RuntimeDefault.
        RUNTIME_DEFAULT,
        /// As under Pod Security restricted: an ordinary user without capabilities, besides.
        RESTRICTED
    }

    private final Path folder;
    private final Kind kind;

    /// @param folder of this pod alone, below which everybody may look
    WeakPod(Path folder, Kind kind) {
        this.folder = folder;
        this.kind = kind;
    }

    static void assumePossible() throws IOException {
        assumeTrue(
                Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "only root can make such containers");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/crun")), "crun is not installed: apt-get install crun");
        assumeTrue(
                Files.isExecutable(Path.of("/bin/busybox")),
                "busybox is not installed: apt-get install busybox-static");
    }

    /// What the builder prints with these arguments; the context is `/kiln/context` there.
    List<String> kiln(Path context, String... arguments) throws IOException, InterruptedException {
        Path root = Files.createDirectories(folder.resolve("root"));
        Path cache = Files.createDirectories(folder.resolve("cache"));
        Path home = folder.resolve("home");
        Files.createDirectories(home.resolve(".docker"));
        Files.writeString(home.resolve(".docker/config.json"), "{\"HttpHeaders\": {\"X\": \"hidden-in-a-file\"}}");
        Files.createDirectories(root.resolve("kiln"));
        if (kind == Kind.RESTRICTED) {
            Files.setAttribute(cache, "unix:uid", 1000);
        }
        ArrayNode mounts = mounts(root);
        mount(mounts, "/kiln/cache", "bind", cache.toString(), "rbind", "rw");
        mount(mounts, "/kiln/home", "bind", home.toString(), "rbind", "ro");
        mount(mounts, "/kiln/context", "bind", context.toString(), "rbind", "ro");
        mountProgram(mounts);
        ObjectNode config = JSON.objectNode().put("ociVersion", "1.0.2").put("hostname", "pod");
        config.putObject("root").put("path", root.toString());
        config.set("process", process(arguments));
        config.set("mounts", mounts);
        config.set("linux", linux());
        Path bundle = Files.createDirectories(folder.resolve("bundle"));
        Files.write(bundle.resolve("config.json"), JsonMapper.builder().build().writeValueAsBytes(config));
        Process process = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        // As a kubelet's podPidsLimit does, so that no test takes all pids of this machine.
                        "for group in /sys/fs/cgroup/pids /sys/fs/cgroup; do test -e $group/cgroup.procs || continue;"
                                + " mkdir -p $group/kiln-test && echo 4000 > $group/kiln-test/pids.max"
                                + " && echo $$ > $group/kiln-test/cgroup.procs && break; done 2>/dev/null;"
                                // crun refuses a machine with both versions of cgroups.
                                + " mount -t tmpfs none /sys/fs/cgroup/unified 2>/dev/null; exec crun --cgroup-manager=disabled"
                                + " --root=\"$1\" run --bundle=\"$2\" \"$3\"",
                        "sh",
                        folder.resolve("state").toString(),
                        bundle.toString(),
                        "kiln-" + kind)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        process.waitFor();
        return lines;
    }

    private static ArrayNode mounts(Path root) throws IOException {
        ArrayNode mounts = JSON.arrayNode();
        mount(mounts, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        mount(mounts, "/dev", "tmpfs", "tmpfs", "nosuid", "mode=755");
        mount(mounts, "/dev/shm", "tmpfs", "shm", "nosuid", "nodev", "mode=1777", "size=65536k");
        mount(mounts, "/sys", "bind", "/sys", "rbind", "ro");
        mount(mounts, "/sys/fs/cgroup", "tmpfs", "none", "ro");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/"))) {
            for (Path one : all) {
                String name = one.getFileName().toString();
                if (Files.isSymbolicLink(one)) {
                    Files.createSymbolicLink(root.resolve(name), Files.readSymbolicLink(one));
                } else if (Files.isDirectory(one) && !OWN.contains(name) && !name.startsWith("kiln")) {
                    // Not what is mounted below: another /proc there would allow to mount one.
                    mount(mounts, one.toString(), "bind", one.toString(), "bind", "ro");
                }
            }
        }
        return mounts;
    }

    private static void mount(ArrayNode mounts, String destination, String type, String source, String... options) {
        ObjectNode mount = mounts.addObject()
                .put("destination", destination)
                .put("type", type)
                .put("source", source);
        ArrayNode all = mount.putArray("options");
        for (String option : options) {
            all.add(option);
        }
    }

    private ObjectNode process(String... arguments) {
        ObjectNode process = JSON.objectNode().put("terminal", false).put("cwd", "/");
        int user = kind == Kind.RESTRICTED ? 1000 : 0;
        process.put("noNewPrivileges", kind == Kind.RESTRICTED);
        process.putObject("user").put("uid", user).put("gid", user);
        ArrayNode args = process.putArray("args");
        command(arguments).forEach(args::add);
        process.putArray("env")
                .add("PATH=/usr/sbin:/usr/bin:/sbin:/bin")
                .add("LC_ALL=C.UTF-8")
                .add("HOME=/kiln/home")
                .add("SECRET=" + HIDDEN);
        ObjectNode capabilities = process.putObject("capabilities");
        for (String set : List.of("bounding", "permitted", "effective")) {
            ArrayNode names = capabilities.putArray(set);
            if (kind != Kind.RESTRICTED) {
                CAPABILITIES.forEach(names::add);
            }
        }
        return process;
    }

    /// At places of their own: a pod's user may be one who cannot look into the folders of whoever runs the tests.
    private static void mountProgram(ArrayNode mounts) {
        mount(mounts, ENTER, "bind", absolute("../builder/src/main/sh/enter-namespaces"), "bind", "ro");
        List<String> entries = classPath();
        for (int i = 0; i < entries.size(); i++) {
            mount(mounts, CLASS_PATH + i, "bind", absolute(entries.get(i)), "bind", "ro");
        }
    }

    private static List<String> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> Files.exists(Path.of(entry)))
                .toList();
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", ENTER, "--or-stay"));
        command.add(System.getProperty("java.home") + "/bin/java");
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        String entries = IntStream.range(0, classPath().size())
                .mapToObj(i -> CLASS_PATH + i)
                .collect(Collectors.joining(File.pathSeparator));
        command.addAll(List.of("-cp", entries));
        command.add("build.kiln.builder.app.Kiln");
        command.addAll(List.of(arguments));
        return command;
    }

    private ObjectNode linux() {
        ObjectNode linux = JSON.objectNode();
        ArrayNode namespaces = linux.putArray("namespaces");
        for (String type : List.of("mount", "pid", "ipc", "uts")) {
            namespaces.addObject().put("type", type);
        }
        if (kind != Kind.UNMASKED) {
            linux.putArray("maskedPaths").add("/proc/kcore").add("/proc/keys").add("/proc/timer_list");
            linux.putArray("readonlyPaths").add("/proc/sys").add("/proc/sysrq-trigger");
        }
        if (kind == Kind.RUNTIME_DEFAULT || kind == Kind.RESTRICTED) {
            ObjectNode seccomp = linux.putObject("seccomp").put("defaultAction", "SCMP_ACT_ALLOW");
            ArrayNode rules = seccomp.putArray("syscalls");
            ArrayNode names = rule(rules, EPERM).putArray("names");
            REFUSED.forEach(names::add);
            rule(rules, ENOSYS).putArray("names").add("clone3");
            ObjectNode clone = rule(rules, EPERM);
            clone.putArray("names").add("clone");
            clone.putArray("args")
                    .addObject()
                    .put("index", 0)
                    .put("value", CLONE_NEWUSER)
                    .put("valueTwo", CLONE_NEWUSER)
                    .put("op", "SCMP_CMP_MASKED_EQ");
        }
        return linux;
    }

    private static ObjectNode rule(ArrayNode rules, int errno) {
        return rules.addObject().put("action", "SCMP_ACT_ERRNO").put("errnoRet", errno);
    }

    /// Lets everybody look below it: a pod's user may be an ordinary one.
    static Path open(Path folder) throws IOException {
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
