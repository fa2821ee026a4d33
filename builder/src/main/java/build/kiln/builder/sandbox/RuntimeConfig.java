package build.kiln.builder.sandbox;

import build.kiln.builder.oci.Json;
import build.kiln.builder.sandbox.Isolation.Rung;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// The `config.json` that tells crun what to run, in the form of the OCI runtime specification.
///
/// @see <a href="https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config.md">runtime-spec 1.0.2</a>
final class RuntimeConfig {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final BigInteger UNLIMITED = new BigInteger("18446744073709551615");
    private static final String DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int TTY_GROUP = 5;
    private static final int UMASK = 0022;

    /// Not even to be read: they tell of the machine and of other processes.
    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/devices/virtual/powercap",
            "/sys/firmware",
            "/sys/fs/bpf",
            "/sys/fs/cgroup",
            "/sys/fs/fuse",
            "/sys/fs/pstore",
            "/sys/kernel/config",
            "/sys/kernel/debug",
            "/sys/kernel/security",
            "/sys/kernel/tracing");

    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private final ProcessSpec spec;
    private final Path root;
    private final Rung rung;
    private final IdMap ids;
    private final Set<String> capabilities;

    /// @param isolation how the process is kept apart
    /// @param capabilities the builder's own: nobody can give others
    RuntimeConfig(ProcessSpec spec, Path root, Isolation isolation, Set<String> capabilities) {
        this.spec = spec;
        this.root = root;
        this.rung = isolation.rung();
        this.ids = rung == Rung.NESTED ? isolation.ids().without(OtherUser.UID) : isolation.ids();
        this.capabilities = capabilities;
    }

    /// A bind mount or a tmpfs, once its place in the image is known.
    ///
    /// @param destination absolute, without links
    record Placed(String destination, String type, String source, List<String> options) {}

    byte[] json(List<Placed> mounts) throws IOException {
        ObjectNode config = JSON.objectNode().put("ociVersion", "1.0.2");
        if (rung != Rung.CHROOT) {
            config.put("hostname", spec.hostname());
        }
        config.putObject("root").put("path", root.toString()).put("readonly", false);
        config.set("process", process());
        // Of two mounts at one place the later counts, where the earlier would have been: /dev before /dev/shm.
        Map<String, Placed> byPlace = new LinkedHashMap<>();
        if (rung != Rung.CHROOT) {
            systemMounts().forEach(mount -> byPlace.put(mount.destination(), mount));
        }
        mounts.forEach(mount -> byPlace.put(mount.destination(), mount));
        ArrayNode all = config.putArray("mounts");
        byPlace.values().forEach(mount -> all.add(mount(mount)));
        config.set("linux", linux());
        if (!spec.devices().hooks().isEmpty()) {
            config.set("hooks", spec.devices().hooks());
        }
        return Json.bytes(config);
    }

    private ObjectNode process() {
        ObjectNode process = JSON.objectNode()
                .put("terminal", false)
                .put("cwd", spec.cwd())
                .put("noNewPrivileges", rung == Rung.CHROOT);
        ObjectNode user = process.putObject("user")
                .put("uid", spec.user().uid())
                .put("gid", spec.user().gid())
                .put("umask", UMASK);
        ArrayNode groups = user.putArray("additionalGids");
        groups.add(spec.user().gid()); // As BuildKit does: the process's own group is one of them.
        Stream.concat(spec.user().supplementaryGids().stream(), spec.devices().groups().stream())
                .filter(gid -> gid != spec.user().gid())
                .distinct()
                .forEach(groups::add);
        strings(process.putArray("args"), spec.args());
        strings(process.putArray("env"), environment());
        ObjectNode sets = process.putObject("capabilities");
        for (String set : spec.isPrivileged()
                ? List.of("bounding", "permitted", "effective", "inheritable")
                : List.of("bounding", "permitted", "effective")) {
            strings(sets.putArray(set), capabilities());
        }
        ArrayNode limits = process.putArray("rlimits");
        for (ResourceLimit limit : spec.limits()) {
            limits.addObject()
                    .put("type", limit.type())
                    .put("soft", unsigned(limit.soft()))
                    .put("hard", unsigned(limit.hard()));
        }
        return process;
    }

    private List<String> capabilities() {
        if (rung == Rung.CHROOT) {
            return Capabilities.OF_A_SHARED_NAMESPACE.stream()
                    .filter(capabilities::contains)
                    .toList();
        }
        return spec.isPrivileged() ? Capabilities.ALL : Capabilities.OF_A_CONTAINER;
    }

    private List<String> environment() {
        List<String> all = new ArrayList<>(spec.env());
        // The device's own variables count, as with other builders.
        spec.devices().environment().forEach(entry -> {
            String key = entry.substring(0, entry.indexOf('=') + 1);
            all.removeIf(one -> one.startsWith(key));
            all.add(entry);
        });
        addIfMissing(all, DEFAULT_PATH);
        addIfMissing(all, "HOSTNAME=" + spec.hostname());
        return all;
    }

    private static void addIfMissing(List<String> env, String entry) {
        String key = entry.substring(0, entry.indexOf('=') + 1);
        if (env.stream().noneMatch(one -> one.startsWith(key))) {
            env.add(entry);
        }
    }

    private List<Placed> systemMounts() {
        List<String> pts = new ArrayList<>(List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
        if (ids.count() > TTY_GROUP) {
            pts.add("gid=" + TTY_GROUP);
        }
        List<String> tight = List.of("nosuid", "noexec", "nodev");
        // A sysfs can only be mounted by who owns the network namespace.
        Placed sys = switch (spec.network()) {
            case NONE -> new Placed("/sys", "sysfs", "sysfs", spec.isPrivileged() ? tight : with(tight, "ro"));
            case DEFAULT, HOST ->
                new Placed(
                        "/sys",
                        "bind",
                        "/sys",
                        spec.isPrivileged() ? with(tight, "rbind") : with(tight, "rbind", "ro", "rro"));
        };
        // Where no proc can be mounted, the builder's is seen; to write to it could harm the builder.
        Placed proc = rung == Rung.NESTED
                ? new Placed("/proc", "bind", "/proc", with(tight, "rbind", "ro"))
                : new Placed("/proc", "proc", "proc", tight);
        return List.of(
                proc,
                new Placed("/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")),
                new Placed("/dev/pts", "devpts", "devpts", pts),
                shm(tight),
                new Placed("/dev/mqueue", "mqueue", "mqueue", tight),
                sys);
    }

    /// With a size of its own it has the form of a tmpfs that a RUN asks for, as it has with BuildKit.
    private Placed shm(List<String> tight) {
        return spec.shmSizeBytes() > 0
                ? new Placed("/dev/shm", "tmpfs", "tmpfs", List.of("nosuid", "size=" + spec.shmSizeBytes()))
                : new Placed("/dev/shm", "tmpfs", "shm", with(tight, "mode=1777", "size=65536k"));
    }

    private static List<String> with(List<String> options, String... more) {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(more));
        return all;
    }

    private static ObjectNode mount(Placed mount) {
        ObjectNode node = JSON.objectNode()
                .put("destination", mount.destination())
                .put("type", mount.type())
                .put("source", mount.source());
        strings(node.putArray("options"), mount.options());
        return node;
    }

    private ObjectNode linux() {
        ObjectNode linux = JSON.objectNode();
        if (rung == Rung.CHROOT) {
            linux.putArray("namespaces");
            linux.set("seccomp", Seccomp.sharedProfile(spec.network()));
            return linux;
        }
        ArrayNode namespaces = linux.putArray("namespaces");
        List<String> types = new ArrayList<>(List.of("user", "mount", "ipc", "uts"));
        if (rung == Rung.USERNS) {
            types.add("pid");
        }
        if (spec.network() == NetworkAccess.NONE) {
            types.add("network");
        }
        types.forEach(type -> namespaces.addObject().put("type", type));
        extents(linux.putArray("uidMappings"), ids.uids());
        extents(linux.putArray("gidMappings"), ids.gids());
        if (!spec.isPrivileged()) {
            strings(linux.putArray("maskedPaths"), MASKED);
            strings(linux.putArray("readonlyPaths"), READ_ONLY);
            linux.set("seccomp", Seccomp.profile());
        }
        return linux;
    }

    /// The RUN's user namespace has the ids of the builder's; the kernel wants them in the same pieces.
    private static void extents(ArrayNode mappings, List<IdMap.Extent> extents) {
        for (IdMap.Extent extent : extents) {
            mappings.addObject()
                    .put("containerID", extent.first())
                    .put("hostID", extent.first())
                    .put("size", extent.count());
        }
    }

    private static void strings(ArrayNode array, List<String> values) {
        values.forEach(array::add);
    }

    private static BigInteger unsigned(long limit) {
        return limit < 0 ? UNLIMITED : BigInteger.valueOf(limit);
    }
}
