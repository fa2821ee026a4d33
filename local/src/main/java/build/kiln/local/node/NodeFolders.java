package build.kiln.local.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a node keeps what: all below one folder, but secrets below a folder in memory if the machine has one.
record NodeFolders(Path root, Path inMemory) {

    private static final Logger LOG = LoggerFactory.getLogger(NodeFolders.class);
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    /// Empties the places of pods that an earlier node left behind.
    static NodeFolders open(Path root) throws IOException {
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        Path inMemory = inMemory(root);
        NodeFolders folders = new NodeFolders(root, inMemory);
        delete(root.resolve("pods"));
        Files.createDirectories(root.resolve("pods"));
        Files.createDirectories(folders.claims());
        Files.createDirectories(folders.scripts());
        for (String script : new String[] {"pod.sh", "pod-root.sh"}) {
            try (InputStream in = Objects.requireNonNull(NodeFolders.class.getResourceAsStream(script), script)) {
                Files.write(folders.scripts().resolve(script), in.readAllBytes());
            }
        }
        return folders;
    }

    /// A new folder that only this user can read, instead of the one that an earlier node may have left.
    private static Path inMemory(Path root) throws IOException {
        Path note = root.resolve("memory-folder");
        if (Files.exists(note)) {
            delete(Path.of(Files.readString(note)));
        }
        Path folder = Files.isWritable(SHARED_MEMORY)
                ? Files.createTempDirectory(SHARED_MEMORY, "kiln-local-")
                : Files.createDirectories(root.resolve("memory"));
        Files.writeString(note, folder.toString());
        return folder;
    }

    Path pod(String uid) {
        return root.resolve("pods").resolve(uid);
    }

    Path memory(String uid) {
        return inMemory.resolve(uid);
    }

    Path claims() {
        return root.resolve("claims");
    }

    Path scripts() {
        return root.resolve("scripts");
    }

    /// Deletes the volumes of a pod that has ended; its log stays.
    void forgetVolumes(String uid) {
        delete(memory(uid));
        delete(pod(uid).resolve("volumes"));
    }

    /// Deletes what a pod had for itself.
    void forget(String uid) {
        delete(memory(uid));
        delete(pod(uid));
    }

    void close() {
        delete(inMemory);
    }

    /// Deletes a folder, and does not go through links. What cannot be deleted stays, and is said.
    static void delete(Path folder) {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("{} could not be deleted: {}", folder, e.toString());
        }
    }
}
