package build.kiln.builder.sandbox;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.snapshot.UnpackedRoot;
import build.kiln.builder.source.ssh.AgentSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Puts into an unpacked tree what a RUN would have mounted: copies, and directories that are moved there and back.
final class TreeContents {

    private static final Path PROC = Path.of("/proc");

    /// Facts of the machine that programs look for. What a /proc says of processes cannot be had without a mount.
    private static final List<String> FACTS = List.of(
            "cpuinfo",
            "filesystems",
            "loadavg",
            "meminfo",
            "stat",
            "sys/kernel/cap_last_cap",
            "sys/kernel/ngroups_max",
            "sys/kernel/osrelease",
            "sys/kernel/ostype",
            "sys/kernel/pid_max",
            "sys/kernel/version",
            "sys/net/core/somaxconn",
            "sys/vm/overcommit_memory",
            "uptime",
            "version");

    private final UnpackedRoot tree;
    private final List<AgentSocket> sockets;

    /// @param sockets gets what has to be closed in the end
    TreeContents(UnpackedRoot tree, List<AgentSocket> sockets) {
        this.tree = tree;
        this.sockets = sockets;
    }

    void put(ProcessSpec spec, byte[] resolvConf, String hosts) throws IOException {
        system();
        file("/etc/resolv.conf", resolvConf, 0644, 0, 0);
        file("/etc/hosts", hosts.getBytes(StandardCharsets.UTF_8), 0644, 0, 0);
        // Those above come first, or they would hide those below.
        for (SandboxMount mount : Stream.concat(spec.mounts().stream(), spec.devices().mounts().stream())
                .sorted(Comparator.comparing(SandboxMount::target))
                .toList()) {
            put(mount);
        }
    }

    /// The runtime makes the usual nodes in /dev.
    private void system() throws IOException {
        Path dev = tree.systemDirectory("/dev");
        Path memory = Files.createDirectory(dev.resolve("shm"));
        Files.setAttribute(memory, "unix:mode", 01777);
        tree.systemDirectory("/sys");
        Path proc = tree.systemDirectory("/proc");
        for (String fact : FACTS) {
            if (Files.isReadable(PROC.resolve(fact))) {
                Path copy = proc.resolve(fact);
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                Files.write(copy, Files.readAllBytes(PROC.resolve(fact)));
                Files.setAttribute(copy, "unix:mode", 0444);
            }
        }
        Files.writeString(proc.resolve("mounts"), "rootfs / rootfs rw 0 0\n");
    }

    private void put(SandboxMount mount) throws IOException {
        switch (mount) {
            case SandboxMount.Bind bind -> bind(bind.source(), bind.target(), bind.access());
            case SandboxMount.OpenDirectory open -> bind(path(open.source()), open.target(), open.access());
            case SandboxMount.Tmpfs tmpfs -> {
                Path place = tree.mountPointForDirectory(tmpfs.target());
                Files.setAttribute(place, "unix:mode", 01777);
            }
            case SandboxMount.MemoryFile file ->
                file(file.target(), file.content(), file.mode(), file.uid(), file.gid());
            case SandboxMount.Agent agent -> {
                Path socket = tree.mountPointForFile(agent.target());
                Files.delete(socket);
                sockets.add(agent.agent()
                        .listen(
                                Objects.requireNonNull(socket.getParent()),
                                socket.getFileName().toString()));
                RunFolder.give(socket, agent.mode(), agent.uid(), agent.gid());
            }
        }
    }

    private void bind(Path source, String target, SandboxMount.Access access) {
        switch (access) {
            case READ_ONLY -> tree.copy(source, target);
            case READ_WRITE -> tree.lend(source, target);
        }
    }

    private static Path path(Directory open) throws IOException {
        return Path.of("/proc/self/fd/" + open.number()).toRealPath();
    }

    private void file(String target, byte[] content, int mode, int uid, int gid) throws IOException {
        Path file = tree.mountPointForFile(target);
        Files.setAttribute(file, "unix:mode", 0600);
        Files.write(file, content);
        RunFolder.give(file, mode, uid, gid);
    }
}
