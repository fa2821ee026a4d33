package build.kiln.builder.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryTest {

    @TempDir
    Path folder;

    private Directory directory;

    @BeforeEach
    void open() throws Exception {
        directory = Directory.open(folder);
    }

    @AfterEach
    void close() throws Exception {
        directory.close();
    }

    @Test
    void namesAreBytesAndNeedNotBeUtf8() throws Exception {
        byte[] name = {'a', (byte) 0xff, '\n', (byte) 0x80};
        directory.createFile(name, 0600).close();
        List<DirectoryEntry> entries = directory.list();
        assertThat(entries).hasSize(1);
        assertThat(entries.getFirst().name()).isEqualTo(name);
        assertThat(entries.getFirst().type()).isEqualTo(FileType.REGULAR);
        Path path;
        try (var names = Files.list(folder)) {
            path = names.findFirst().orElseThrow();
        }
        byte[] nativePath = NativePath.of(path);
        byte[] end = java.util.Arrays.copyOfRange(nativePath, nativePath.length - 4, nativePath.length);
        assertThat(end).isEqualTo(name);
        directory.unlink(name);
        assertThat(Files.list(folder)).isEmpty();
    }

    @Test
    void longListingsAreComplete() throws Exception {
        for (int i = 0; i < 3000; i++) {
            directory.makeSymlink(bytes("x"), bytes("a-name-that-is-long-enough-to-fill-the-buffer-" + i));
        }
        try (Directory again = Directory.open(folder)) {
            assertThat(again.list()).hasSize(3000).allMatch(entry -> entry.type() == FileType.SYMLINK);
        }
    }

    @Test
    void everyAttributeIsSetAndRead() throws Exception {
        Instant old = Instant.parse("1912-06-23T01:02:03.123456789Z");
        try (OpenFile file = directory.createFile(bytes("f"), 0600)) {
            file.write(bytes("hello"), 1, 3);
            file.chmod(06711);
            file.setTimes(old);
            FileStatus status = file.status();
            assertThat(status.sizeBytes()).isEqualTo(3);
            assertThat(status.mode()).isEqualTo(06711);
            assertThat(status.mtime()).isEqualTo(old);
            assertThat(status.type()).isEqualTo(FileType.REGULAR);
            assertThat(status.links()).isEqualTo(1);
            assertThat(status).isEqualTo(directory.status(bytes("f")));
        }
        directory.makeSymlink(bytes("nowhere"), bytes("l"));
        directory.setTimes(bytes("l"), old.plusSeconds(1));
        assertThat(directory.status(bytes("l")).mtime()).isEqualTo(old.plusSeconds(1));
        assertThat(directory.readLink(bytes("l"))).isEqualTo(bytes("nowhere"));
    }

    @Test
    void hardLinksShareAnInode() throws Exception {
        directory.createFile(bytes("f"), 0600).close();
        directory.makeLink(directory, bytes("f"), bytes("g"));
        assertThat(directory.status(bytes("g"))).isEqualTo(directory.status(bytes("f")));
        assertThat(directory.status(bytes("g")).links()).isEqualTo(2);
    }

    @Test
    void extendedAttributesAreBytes() throws Exception {
        byte[] value = {0, 1, (byte) 0xff};
        directory.makeDirectory(bytes("d"), 0700);
        directory.setXattr(bytes("d"), "user.one", value);
        directory.setXattr(bytes("d"), "user.empty", new byte[0]);
        assertThat(directory.xattrs(bytes("d"))).contains("user.one", "user.empty");
        assertThat(directory.xattr(bytes("d"), "user.one"))
                .hasValueSatisfying(v -> assertThat(v).isEqualTo(value));
        assertThat(directory.xattr(bytes("d"), "user.empty"))
                .hasValueSatisfying(v -> assertThat(v).isEmpty());
        assertThat(directory.xattr(bytes("d"), "user.none")).isEmpty();
        directory.removeXattr(bytes("d"), "user.one");
        assertThat(directory.xattrs(bytes("d"))).doesNotContain("user.one");
    }

    @Test
    void resolutionKeepsPathsInside() throws Exception {
        directory.makeDirectory(bytes("root"), 0755);
        Files.writeString(folder.resolve("outside"), "secret");
        Files.writeString(folder.resolve("root/outside"), "inside");
        Files.createSymbolicLink(folder.resolve("root/abs"), Path.of("/outside"));
        Files.createSymbolicLink(folder.resolve("root/up"), Path.of("../outside"));
        try (Directory root = directory.openDirectory(bytes("root"), Resolution.NO_LINKS)) {
            assertThat(text(root, "abs", Resolution.IN_ROOT)).isEqualTo("inside");
            assertThat(text(root, "up", Resolution.IN_ROOT)).isEqualTo("inside");
            assertThat(errno(root, "up", Resolution.BENEATH)).isEqualTo(Errno.EXDEV);
            assertThat(errno(root, "../outside", Resolution.BENEATH)).isEqualTo(Errno.EXDEV);
            assertThat(errno(root, "up", Resolution.NO_LINKS)).isEqualTo(Errno.ELOOP);
            assertThat(text(root, "outside", Resolution.NO_LINKS)).isEqualTo("inside");
        }
    }

    @Test
    void failureSaysCallPathAndReason() {
        assertThatThrownBy(() -> directory.status(bytes("missing")))
                .isInstanceOf(SystemCallFailure.class)
                .hasMessage("statx \"missing\": no such file or directory (ENOENT)");
        assertThatThrownBy(() -> directory.makeDirectory("n".repeat(300).getBytes(StandardCharsets.US_ASCII), 0700))
                .hasMessageEndingWith(": file name too long (ENAMETOOLONG)");
        assertThatThrownBy(() -> directory.makeDirectory("n".repeat(5000).getBytes(StandardCharsets.US_ASCII), 0700))
                .hasMessageEndingWith(": file name too long (ENAMETOOLONG)");
        assertThatThrownBy(() -> directory.unlink(new byte[] {'a', 0, 'b'}))
                .hasMessage("unlinkat \"a\0b\": invalid argument (EINVAL)");
    }

    @Test
    void treesAreRemovedWithoutFollowingLinks() throws Exception {
        Files.writeString(folder.resolve("kept"), "x");
        Path tree = Files.createDirectories(folder.resolve("tree/a/b/c"));
        Files.createSymbolicLink(tree.resolve("link"), folder);
        Files.writeString(tree.resolve("file"), "x");
        directory.removeTree(bytes("tree"));
        directory.removeTree(bytes("never-there"));
        assertThat(folder.resolve("tree")).doesNotExist();
        assertThat(folder.resolve("kept")).exists();
    }

    @Test
    void renameReplacesAndRenameToNewDoesNot() throws Exception {
        Files.writeString(folder.resolve("a"), "a");
        Files.writeString(folder.resolve("b"), "b");
        assertThatThrownBy(() -> directory.renameToNew(bytes("a"), directory, bytes("b")))
                .isInstanceOfSatisfying(
                        SystemCallFailure.class, f -> assertThat(f.errno()).isEqualTo(Errno.EEXIST));
        directory.exchange(bytes("a"), directory, bytes("b"));
        assertThat(folder.resolve("a")).hasContent("b");
        directory.rename(bytes("a"), directory, bytes("b"));
        assertThat(folder.resolve("b")).hasContent("b");
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void fifoDoesNotMakeOpeningWait() throws Exception {
        directory.makeNode(bytes("pipe"), FileType.FIFO, 0600, DeviceNumber.NONE);
        try (OpenFile pipe = directory.openFile(bytes("pipe"), Resolution.NO_LINKS)) {
            assertThat(pipe.status().type()).isEqualTo(FileType.FIFO);
        }
    }

    @Test
    void locksExcludeOtherDescriptors() throws Exception {
        byte[] path = NativePath.of(folder.resolve("lock"));
        try (OpenFile one = OpenFile.readWrite(path, 0600);
                OpenFile two = OpenFile.readWrite(path, 0600)) {
            assertThat(one.tryLock(Lock.SHARED)).isTrue();
            assertThat(two.tryLock(Lock.SHARED)).isTrue();
            assertThat(one.tryLock(Lock.EXCLUSIVE)).isFalse();
            two.unlock();
            assertThat(one.tryLock(Lock.EXCLUSIVE)).isTrue();
            assertThat(two.tryLock(Lock.SHARED)).isFalse();
            one.close();
            two.lock(Lock.EXCLUSIVE);
        }
    }

    @Test
    void copyInsideTheKernelCopiesAll() throws Exception {
        byte[] content = new byte[300_000];
        new java.util.Random(1).nextBytes(content);
        Files.write(folder.resolve("from"), content);
        try (OpenFile from = OpenFile.read(NativePath.of(folder.resolve("from")));
                OpenFile to = directory.createFile(bytes("to"), 0600)) {
            long left = content.length;
            while (left > 0) {
                left -= to.copyFrom(from, left);
            }
        }
        assertThat(folder.resolve("to")).hasBinaryContent(content);
    }

    @Test
    void fileSystemHasRoom() throws Exception {
        FileSystemStatus status = FileSystemStatus.of(NativePath.of(folder));
        assertThat(status.totalBytes()).isEqualTo(Files.getFileStore(folder).getTotalSpace());
        assertThat(status.availableBytes()).isPositive().isLessThanOrEqualTo(status.totalBytes());
    }

    @Test
    void processesAreSignalled() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        assertThat(Processes.kill(process.pid(), 0)).isTrue();
        assertThat(Processes.kill(process.pid(), 9)).isTrue();
        assertThat(process.waitFor()).isEqualTo(128 + 9);
        assertThat(Processes.kill(process.pid(), 0)).isFalse();
    }

    private static String text(Directory root, String path, Resolution resolution) throws Exception {
        try (OpenFile file = root.openFile(bytes(path), resolution)) {
            byte[] buffer = new byte[100];
            int count = file.read(buffer, 0, buffer.length);
            byte[] again = new byte[100];
            assertThat(file.readAt(0, again, 0, again.length)).isEqualTo(count);
            assertThat(again).isEqualTo(buffer);
            assertThat(file.read(buffer, 0, buffer.length)).isZero();
            return new String(again, 0, count, StandardCharsets.UTF_8);
        }
    }

    private static Errno errno(Directory root, String path, Resolution resolution) {
        try (OpenFile file = root.openFile(bytes(path), resolution)) {
            throw new AssertionError(file + " was opened");
        } catch (SystemCallFailure failure) {
            return failure.errno();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
