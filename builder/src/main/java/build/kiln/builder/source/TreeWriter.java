package build.kiln.builder.source;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.Errno;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Writes a tree of files that is the same on every machine: modes do not depend on the umask, nor times on the
/// clock.
///
/// Nothing that is there is ever written to or through, so a link in the tree leads no later file out of it.
public final class TreeWriter {

    private static final Set<PosixFilePermission> PLAIN = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> EXECUTABLE = PosixFilePermissions.fromString("rwxr-xr-x");

    private final Path root;
    private final FileTime time;
    private final List<Path> directories = new ArrayList<>();

    /// @param root an empty folder
    /// @param time that everything in the tree gets
    public TreeWriter(Path root, Instant time) throws IOException {
        this.root = root;
        this.time = FileTime.from(time);
        Files.setPosixFilePermissions(root, EXECUTABLE);
        directories.add(root);
    }

    /// @throws java.nio.file.FileAlreadyExistsException if there is something with this name
    public void directory(Path path) throws IOException {
        Path directory = root.resolve(path);
        Files.createDirectory(directory);
        Files.setPosixFilePermissions(directory, EXECUTABLE);
        directories.add(directory);
    }

    /// As [#directory], but content with a directory that is there.
    public void directories(Path path) throws IOException {
        if (path.getParent() != null) {
            directories(path.getParent());
        }
        if (!Files.isDirectory(root.resolve(path), LinkOption.NOFOLLOW_LINKS)) {
            directory(path);
        }
    }

    /// @throws java.nio.file.FileAlreadyExistsException if there is something with this name
    public void file(Path path, InputStream content) throws IOException {
        write(path, content, PLAIN);
    }

    /// As [#file], with the execute bits.
    public void executable(Path path, InputStream content) throws IOException {
        write(path, content, EXECUTABLE);
    }

    /// @param target its exact bytes
    /// @throws java.nio.file.FileAlreadyExistsException if there is something with this name
    public void symlink(Path path, byte[] target) throws IOException {
        Path link = root.resolve(path);
        try (Directory parent = Directory.open(Objects.requireNonNull(link.getParent()))) {
            parent.makeSymlink(target, PathBytes.of(path.getFileName()));
        } catch (SystemCallFailure e) {
            throw e.errno() == Errno.EEXIST ? new FileAlreadyExistsException(link.toString()) : e;
        }
        setTime(link);
    }

    /// Gives the directories their time, which every file written into them has changed.
    public void finish() throws IOException {
        for (Path directory : directories.reversed()) {
            setTime(directory);
        }
    }

    private void write(Path path, InputStream content, Set<PosixFilePermission> permissions) throws IOException {
        Path file = root.resolve(path);
        try (var out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            content.transferTo(out);
        }
        Files.setPosixFilePermissions(file, permissions);
        setTime(file);
    }

    private void setTime(Path path) throws IOException {
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(time, null, null);
    }
}
