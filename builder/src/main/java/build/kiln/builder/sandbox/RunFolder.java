package build.kiln.builder.sandbox;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.sandbox.RuntimeConfig.Placed;
import build.kiln.builder.snapshot.OverlayRoot;
import build.kiln.builder.snapshot.RootFilesystem;
import build.kiln.builder.snapshot.UnpackedRoot;
import build.kiln.builder.source.ssh.AgentSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// A folder in memory with what one run needs besides its image: crun's configuration, state and log, the files
/// that are mounted over the image's, secrets.
final class RunFolder implements AutoCloseable {

    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    /// What a process with all capabilities of a user namespace can use besides the usual nodes.
    private static final Path FUSE = Path.of("/dev/fuse");

    private final Path folder;
    private final List<AgentSocket> sockets = new ArrayList<>();
    private final List<Path> mounted = new ArrayList<>();
    private final List<Path> secrets = new ArrayList<>();
    private int files;

    private RunFolder(Path folder) {
        this.folder = folder;
    }

    static RunFolder make(Path memory) throws IOException {
        Path folder = Files.createTempDirectory(memory, "run-");
        Files.createDirectory(OciRuntime.bundle(folder));
        Files.createDirectory(folder.resolve("files"));
        return new RunFolder(folder);
    }

    Path path() {
        return folder;
    }

    /// Writes everything down, and makes the mount points in the image.
    ///
    /// @param capabilities the builder's own
    void fill(RootFilesystem root, ProcessSpec spec, Isolation isolation, Set<String> capabilities) throws IOException {
        List<Placed> mounts = switch (root) {
            case OverlayRoot overlay -> mounts(overlay, spec);
            case UnpackedRoot tree -> {
                new TreeContents(tree, sockets).put(spec, resolvConf(), hosts(spec));
                yield List.of();
            }
        };
        root.begin();
        // The runtime would make it with a sticky bit, which an image has to keep then.
        root.makeDirectories("/sys", 0, 0);
        root.makeDirectories(spec.cwd(), spec.user().uid(), spec.user().gid());
        Path config = OciRuntime.bundle(folder).resolve("config.json");
        secrets.add(config); // it has the variables
        Files.write(config, new RuntimeConfig(spec, root.root(), isolation, capabilities).json(mounts));
    }

    private List<Placed> mounts(OverlayRoot root, ProcessSpec spec) throws IOException {
        List<Placed> mounts = new ArrayList<>();
        mounts.add(file(root, "/etc/resolv.conf", resolvConf(), 0644));
        mounts.add(file(root, "/etc/hosts", hosts(spec).getBytes(StandardCharsets.UTF_8), 0644));
        // Those above come first, or they would hide those below.
        for (SandboxMount mount : Stream.concat(spec.mounts().stream(), spec.devices().mounts().stream())
                .sorted(Comparator.comparing(SandboxMount::target))
                .toList()) {
            mounts.add(place(root, mount));
        }
        if (spec.isPrivileged() && Files.exists(FUSE)) {
            mounts.add(place(root, new SandboxMount.Bind(FUSE, FUSE.toString(), SandboxMount.Access.READ_WRITE)));
        }
        return mounts;
    }

    private Placed place(RootFilesystem root, SandboxMount mount) throws IOException {
        return switch (mount) {
            case SandboxMount.Bind bind -> {
                Path place = Files.isDirectory(bind.source())
                        ? root.mountPointForDirectory(bind.target())
                        : root.mountPointForFile(bind.target());
                yield bind(root, bind.source(), place, bind.access(), bind.options());
            }
            case SandboxMount.OpenDirectory open ->
                bind(
                        root,
                        mounted(open.source()),
                        root.mountPointForDirectory(open.target()),
                        open.access(),
                        List.of());
            case SandboxMount.Tmpfs tmpfs -> {
                List<String> options = new ArrayList<>(List.of("nosuid"));
                if (tmpfs.sizeBytes() > 0) {
                    options.add("size=" + tmpfs.sizeBytes());
                }
                Path place = root.mountPointForDirectory(tmpfs.target());
                yield new Placed(inside(root, place), "tmpfs", "tmpfs", options);
            }
            case SandboxMount.MemoryFile file -> {
                Placed placed = file(root, file.target(), file.content(), file.mode());
                give(Path.of(placed.source()), file.mode(), file.uid(), file.gid());
                yield placed;
            }
            case SandboxMount.Agent agent -> {
                Path socket = newFile();
                sockets.add(agent.agent().listen(files(), socket.getFileName().toString()));
                give(socket, agent.mode(), agent.uid(), agent.gid());
                yield new Placed(
                        inside(root, root.mountPointForFile(agent.target())),
                        "bind",
                        socket.toString(),
                        List.of("rbind", "rw", "nosuid", "nodev"));
            }
        };
    }

    private static Placed bind(
            RootFilesystem root, Path source, Path place, SandboxMount.Access access, List<String> more) {
        String option = switch (access) {
            case READ_ONLY -> "ro";
            case READ_WRITE -> "rw";
        };
        List<String> options = new ArrayList<>(List.of("rbind", option));
        options.addAll(more);
        return new Placed(inside(root, place), "bind", source.toString(), options);
    }

    /// crun takes paths only: the open directory, mounted where nobody else comes.
    Path mounted(Directory directory) throws IOException {
        Path place = Files.createDirectory(newFile());
        byte[] source = ("/proc/self/fd/" + directory.number()).getBytes(StandardCharsets.US_ASCII);
        Mounts.bind(source, NativePath.of(place));
        mounted.add(place);
        return place;
    }

    static void give(Path file, int mode, int uid, int gid) throws IOException {
        Files.setAttribute(file, "unix:uid", uid);
        Files.setAttribute(file, "unix:gid", gid);
        Files.setAttribute(file, "unix:mode", mode);
    }

    private Path files() {
        return folder.resolve("files");
    }

    private Path newFile() {
        return files().resolve(Integer.toString(files++));
    }

    /// A file in memory, to be seen at `target`.
    private Placed file(RootFilesystem root, String target, byte[] content, int mode) throws IOException {
        Path file = inMemory(content, mode);
        Path place = root.mountPointForFile(target);
        return new Placed(inside(root, place), "bind", file.toString(), List.of("rbind", "ro", "nosuid", "nodev"));
    }

    Path inMemory(byte[] content, int mode) throws IOException {
        Path file = newFile();
        secrets.add(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, content);
        Files.setAttribute(file, "unix:mode", mode);
        return file;
    }

    private static String inside(RootFilesystem root, Path place) {
        return "/" + root.root().relativize(place);
    }

    private static byte[] resolvConf() throws IOException {
        return Files.isReadable(RESOLV_CONF) ? Files.readAllBytes(RESOLV_CONF) : new byte[0];
    }

    private static String hosts(ProcessSpec spec) {
        StringBuilder text = new StringBuilder();
        text.append("127.0.0.1\tlocalhost ").append(spec.hostname()).append('\n');
        text.append("::1\tlocalhost ip6-localhost ip6-loopback\n");
        for (ProcessSpec.Host host : spec.hosts()) {
            text.append(host.address()).append('\t').append(host.name()).append('\n');
        }
        return text.toString();
    }

    /// Forgets it all, the secrets first of all, and each part though another one cannot be.
    @Override
    public void close() {
        Endings all = new Endings();
        secrets.forEach(secret -> all.end(() -> Files.deleteIfExists(secret)));
        sockets.forEach(socket -> all.end(socket::close));
        for (Path place : List.copyOf(mounted)) {
            all.end(() -> {
                Mounts.detach(NativePath.of(place));
                mounted.remove(place);
            });
        }
        if (mounted.isEmpty()) { // what is still mounted there is somebody's, and is not deleted
            all.end(this::delete);
        }
        all.failIfOneFailed();
    }

    private void delete() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
