package build.kiln.local.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/// Where a node keeps what: all below one folder, but secrets below a folder in memory if the machine has one.
record NodeFolders(Path root, Path inMemory) {

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    /// Empties the places of pods that an earlier node left behind.
    static NodeFolders open(Path root) throws IOException {
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        Path inMemory = inMemory(root);
        NodeFolders folders = new NodeFolders(root, inMemory);
        FileTrees.delete(root.resolve("pods"));
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
            FileTrees.delete(Path.of(Files.readString(note)));
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
        FileTrees.delete(memory(uid));
        FileTrees.delete(pod(uid).resolve("volumes"));
    }

    /// Deletes what a pod had for itself.
    void forget(String uid) {
        FileTrees.delete(memory(uid));
        FileTrees.delete(pod(uid));
    }

    void close() {
        FileTrees.delete(inMemory);
    }
}
