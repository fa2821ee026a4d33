package build.kiln.builder.layer;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.MountFlag;
import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.sandbox.InNamespaces;
import java.io.ByteArrayOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Changes made by a shell on a real overlay.
@InNamespaces
class ChangesetIT {

    /// `cap_net_bind_service=ep`, as the kernel stores it.
    private static final byte[] CAPABILITY = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    @TempDir
    Path folder;

    private Path merged;
    private Path upper;

    @BeforeEach
    void mountOverlay() throws Exception {
        Path lower = Files.createDirectory(folder.resolve("lower"));
        sh(lower, """
                mkdir -p etc usr/bin var/cache/apt
                echo 1 > etc/hosts; echo 2 > etc/passwd; echo tool > usr/bin/tool; ln usr/bin/tool usr/bin/tool2
                echo x > var/cache/apt/one; echo y > var/cache/apt/two""");
        upper = Files.createDirectory(folder.resolve("upper"));
        Path work = Files.createDirectory(folder.resolve("work"));
        merged = Files.createDirectory(folder.resolve("merged"));
        String options = "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work + ",userxattr";
        Mounts.mount(
                "overlay".getBytes(StandardCharsets.UTF_8),
                NativePath.of(merged),
                "overlay",
                Set.of(MountFlag.NO_DEVICES),
                options.getBytes(StandardCharsets.UTF_8));
    }

    @AfterEach
    void unmount() throws Exception {
        Mounts.detach(NativePath.of(merged));
    }

    @Test
    void nothingDoneIsAnEmptyChangeset() throws Exception {
        assertThat(Changeset.of(upper, OverlayXattrs.USER).isEmpty()).isTrue();
        assertThat(changes()).isEmpty();
    }

    @Test
    void readingChangesNothing() throws Exception {
        sh(merged, "cat etc/hosts; ls -lR .; stat etc");
        assertThat(changes()).isEmpty();
    }

    @Test
    void deletedFileIsAWhiteoutInItsTouchedDirectory() throws Exception {
        sh(merged, "rm etc/hosts");
        assertThat(changes()).containsExactly("directory /etc 755", "whiteout /etc/hosts");
    }

    @Test
    void deletedDirectoryIsOneWhiteout() throws Exception {
        sh(merged, "rm -r var/cache");
        assertThat(changes()).containsExactly("directory /var 755", "whiteout /var/cache");
    }

    @Test
    void manyDeletedFilesAreWhiteoutsAndNoHardLinks() throws Exception {
        sh(merged, "rm etc/hosts etc/passwd usr/bin/tool");
        assertThat(changes())
                .containsExactly(
                        "directory /etc 755",
                        "whiteout /etc/hosts",
                        "whiteout /etc/passwd",
                        "directory /usr 755",
                        "directory /usr/bin 755",
                        "whiteout /usr/bin/tool");
    }

    @Test
    void directoryMadeAnewIsOpaque() throws Exception {
        sh(merged, "rm -r var/cache/apt; mkdir -m 700 var/cache/apt; echo z > var/cache/apt/three");
        assertThat(changes())
                .containsExactly(
                        "directory /var 755",
                        "directory /var/cache 755",
                        "directory /var/cache/apt 700",
                        "opaque /var/cache/apt",
                        "file /var/cache/apt/three 644 2");
    }

    @Test
    void renamedFileIsAWhiteoutAndANewFile() throws Exception {
        sh(merged, "mv etc/hosts etc/hosts.old");
        assertThat(changes()).containsExactly("directory /etc 755", "whiteout /etc/hosts", "file /etc/hosts.old 644 2");
    }

    @Test
    void renamedDirectoryHasItsWholeContent() throws Exception {
        sh(merged, "mv var/cache/apt var/apt");
        assertThat(changes())
                .containsExactly(
                        "directory /var 755",
                        "directory /var/apt 755",
                        "file /var/apt/one 644 2",
                        "file /var/apt/two 644 2",
                        "directory /var/cache 755",
                        "whiteout /var/cache/apt");
    }

    @Test
    void hardLinksOfNewFilesNameTheFirstInOrder() throws Exception {
        sh(merged, "echo a > z; ln z b; mkdir d; ln z d/c; ln -s nowhere l");
        assertThat(changes())
                .containsExactly(
                        "file /b 644 2",
                        "directory /d 755",
                        "link /d/c to /b",
                        "symlink /l to nowhere",
                        "link /z to /b");
    }

    @Test
    void changedModeAndOwnerCopyTheFile() throws Exception {
        sh(merged, "chown 7:8 usr/bin/tool; chmod 4711 usr/bin/tool; chmod 1777 var");
        assertThat(changes())
                .containsExactly(
                        "directory /usr 755",
                        "directory /usr/bin 755",
                        "file /usr/bin/tool 4711 5 owner 7:8",
                        "directory /var 1777");
    }

    @Test
    void extendedAttributesOfImagesAreKeptAndThoseOfTheOverlayAreNot() throws Exception {
        try (Directory root = Directory.open(merged.resolve("usr/bin"))) {
            root.setXattr("tool".getBytes(StandardCharsets.UTF_8), "user.note", new byte[] {1, 0, 2});
            root.setXattr("tool".getBytes(StandardCharsets.UTF_8), "security.capability", CAPABILITY);
        }
        sh(merged, "rm -r var/cache; mkdir var/cache");
        LayerIndex index = layer(upper).index();

        LayerEntry.File tool =
                (LayerEntry.File) index.entry(LayerPath.of("usr/bin/tool")).orElseThrow();
        assertThat(tool.attributes().xattrs())
                .isEqualTo(Map.of(
                        "security.capability", Bytes.of(CAPABILITY), "user.note", Bytes.of(new byte[] {1, 0, 2})));
        LayerEntry.Directory cache =
                (LayerEntry.Directory) index.entry(LayerPath.of("var/cache")).orElseThrow();
        assertThat(cache.attributes().xattrs()).isEmpty();
        assertThat(index.opaqueDirectories()).containsExactly(LayerPath.of("var/cache"));
    }

    @Test
    void socketsAreLeftOutAndFifosKept() throws Exception {
        sh(merged, "mkfifo -m 600 pipe");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(merged.resolve("socket")));
            assertThat(merged.resolve("socket")).exists();
            assertThat(changes()).containsExactly("fifo /pipe 600");
        }
    }

    @Test
    void whatIsMadeAndDeletedLeavesNothingButTheTouchedDirectory() throws Exception {
        sh(merged, "mkdir -p tmp/a; echo b > tmp/a/b; rm -r tmp; echo c > etc/c; rm etc/c");
        assertThat(changes()).containsExactly("directory /etc 755");
    }

    @Test
    void layerDirectoryMadeFromTheBlobLooksLikeTheUpperOne() throws Exception {
        sh(merged, """
                rm etc/hosts; rm -r var/cache; mkdir var/cache; echo n > var/cache/new; ln var/cache/new etc/new
                mkfifo pipe; ln -s ../x etc/l; chmod 2755 usr; touch -d 1960-02-03T04:05:06.5Z etc/passwd
                touch -d 2001-01-01T00:00:00.25Z etc""");
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        Layer layer = layer(upper, blob);
        Path copy = Files.createDirectory(folder.resolve("copy"));
        try (LayerDirectory target = LayerDirectory.open(copy, OverlayXattrs.USER, Fidelity.EXACT)) {
            LayerReader.read(new java.io.ByteArrayInputStream(blob.toByteArray()), layer.diffId(), target);
            target.finish();
        }
        assertThat(layer(copy)).isEqualTo(layer);
        LayerEntry.File passwd = (LayerEntry.File)
                layer.index().entry(LayerPath.of("etc/passwd")).orElseThrow();
        assertThat(passwd.attributes().mtime()).isEqualTo(Instant.parse("1960-02-03T04:05:06.5Z"));
    }

    private List<String> changes() throws Exception {
        LayerIndex index = layer(upper).index();
        List<String> lines = new ArrayList<>();
        for (LayerEntry entry : index.entries()) {
            lines.add(line(entry));
            if (index.opaqueDirectories().contains(entry.path())) {
                lines.add("opaque " + entry.path());
            }
        }
        return lines;
    }

    private static String line(LayerEntry entry) {
        return switch (entry) {
            case LayerEntry.File e ->
                "file " + e.path() + " " + Integer.toOctalString(e.attributes().mode()) + " " + e.sizeBytes()
                        + owner(e.attributes());
            case LayerEntry.Directory e ->
                "directory " + e.path() + " "
                        + Integer.toOctalString(e.attributes().mode());
            case LayerEntry.Symlink e -> "symlink " + e.path() + " to " + e.target();
            case LayerEntry.HardLink e -> "link " + e.path() + " to " + e.target();
            case LayerEntry.Device e -> "device " + e.path();
            case LayerEntry.Fifo e ->
                "fifo " + e.path() + " " + Integer.toOctalString(e.attributes().mode());
            case LayerEntry.Whiteout e -> "whiteout " + e.path();
            case LayerEntry.Opaque e -> "opaque " + e.path();
        };
    }

    private static String owner(Attributes attributes) {
        return attributes.uid() == 0 && attributes.gid() == 0
                ? ""
                : " owner " + attributes.uid() + ":" + attributes.gid();
    }

    private static Layer layer(Path upper) throws Exception {
        return layer(upper, new ByteArrayOutputStream());
    }

    private static Layer layer(Path upper, ByteArrayOutputStream blob) throws Exception {
        Compressor none = Compressor.of(Compression.NONE);
        try (LayerWriter writer = LayerWriter.open(none, new Timestamps.Exact(), List.of(blob))) {
            Changeset.of(upper, OverlayXattrs.USER).writeTo(writer);
            return writer.finish();
        }
    }

    private static void sh(Path directory, String script) throws Exception {
        Process process = new ProcessBuilder("sh", "-euc", "umask 022\n" + script)
                .directory(directory.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.waitFor()).isZero();
    }
}
