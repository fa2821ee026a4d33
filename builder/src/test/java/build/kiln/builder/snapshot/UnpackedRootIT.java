package build.kiln.builder.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.builder.layer.Changeset;
import build.kiln.builder.layer.Compression;
import build.kiln.builder.layer.Compressor;
import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.Layer;
import build.kiln.builder.layer.LayerDirectory;
import build.kiln.builder.layer.LayerWriter;
import build.kiln.builder.layer.OverlayXattrs;
import build.kiln.builder.layer.Timestamps;
import build.kiln.builder.sandbox.InNamespaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A changeset that is found by comparing is the one that an overlay has.
@InNamespaces
class UnpackedRootIT {

    private static final Instant EPOCH = Instant.parse("2020-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private List<Path> layers;

    /// Two layers, with everything that layers can have.
    @BeforeEach
    void makeLayers() throws Exception {
        Path base = BusyboxLayer.make(folder.resolve("base"));
        inside(base, """
            mkdir -p /data/deep/er /data/gone /opt/tool /srv/a/b/c
            echo one > /data/one; echo two > /data/two; ln /data/two /data/two-again
            echo three > /data/deep/three; echo four > /data/deep/er/four; ln -s ../one /data/deep/link
            echo tool > /opt/tool/tool; chmod 4755 /opt/tool/tool; echo gone > /data/gone/gone
            echo c > /srv/a/b/c/c; mkfifo /srv/fifo; chown 1000:1000 /srv/a; chmod 2775 /srv/a
            mkdir /name; echo x > '/name/with  blanks and ü'; echo old > /data/old
            find /data /opt /srv /name -exec touch -h -d '2011-11-11 11:11:11' {} +
            """);
        Files.setAttribute(base.resolve("data/one"), "user:note", "first".getBytes(StandardCharsets.UTF_8));
        Path second = Files.createDirectory(folder.resolve("second"));
        try (Snapshots snapshots = Snapshots.open(folder.resolve("making"));
                RootFilesystem root = snapshots.mount(List.of(base))) {
            inside(
                    root.root(),
                    "rm -r /data/gone /data/old; mkdir /data/gone; echo new > /data/gone/new; echo more >> /data/one;"
                            + " touch -d '2012-12-12 12:12:12' /data/one /data/gone /data/gone/new");
            try (LayerDirectory copy = LayerDirectory.open(second, OverlayXattrs.USER, Fidelity.EXACT)) {
                Changeset.of(root.unmount(), OverlayXattrs.USER).writeTo(copy);
                copy.finish();
            }
        }
        layers = List.of(base, second);
    }

    private static void inside(Path root, String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("chroot", root.toString(), "/bin/busybox", "sh", "-ec", script)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    private Layer layerOf(Form form, String script) throws Exception {
        try (Snapshots snapshots = Snapshots.open(folder.resolve("cache-" + form), form);
                RootFilesystem root = snapshots.mount(layers)) {
            root.mountPointForFile("/etc/resolv.conf");
            root.mountPointForDirectory("/cache/of/tool");
            root.begin();
            inside(root.root(), script);
            try (LayerWriter writer =
                    LayerWriter.open(Compressor.of(Compression.NONE), new Timestamps.ClampedTo(EPOCH), List.of())) {
                Changeset.of(root.unmount(), OverlayXattrs.USER).writeTo(writer);
                return writer.finish();
            }
        }
    }

    private static List<String> entries(Layer layer) {
        List<String> all = new ArrayList<>();
        layer.index().entries().forEach(entry -> all.add(entry.toString()));
        layer.index().opaqueDirectories().forEach(path -> all.add("opaque " + path));
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "echo new > /new",
                "echo new > /data/deep/er/new",
                "echo more >> /data/deep/er/four",
                "echo four > /data/deep/er/four",
                "rm /data/one",
                "rm -r /data/deep",
                "rm -r /data",
                "rm -r /data/deep; mkdir /data/deep",
                "rm -r /data/deep; mkdir /data/deep; echo 3 > /data/deep/three",
                "rm -r /data/deep; echo file > /data/deep",
                "rm /data/one; mkdir /data/one; echo in > /data/one/in",
                "rm /data/one; ln -s deep /data/one",
                "ln -sfn er /data/deep/link",
                "rm -r /srv/a/b; ln -s c /srv/a/b; mkdir /srv/a/c; echo c > /srv/a/c/c",
                "mv /data/one /data/uno",
                "mv /data/one /srv/a/b/c/one",
                "mv /data/one /data/two",
                "cp -a /srv/a /srv/z; rm -r /srv/a",
                "ln /data/one /data/first",
                "ln /data/one /srv/first; rm /data/one",
                "echo changed > /data/two-again",
                "rm /data/two",
                "echo x > /a; ln /a /b; ln /b /data/c",
                "chmod 600 /data/one",
                "chmod 644 /data/one",
                "chown 1000:1000 /data/one /srv",
                "chmod u+s /data/one; chmod g+s,o+t /data/deep",
                "touch /data/one",
                "touch -d '1999-09-09 09:09:09' /data/one /data/deep",
                "mkfifo /data/pipe; rm /srv/fifo; mkfifo -m 600 /srv/fifo",
                "mkdir -p /n/e/w/d; touch -d '2013-01-01 00:00:00' /n/e/w /n/e/w/d",
                "mkdir -p /data/n/e/w; echo x > /data/n/e/w/f; ln -s f /data/n/e/w/l",
                "touch /data/deep/er/gone-again; rm /data/deep/er/gone-again",
                "mkdir /data/dir; rmdir /data/dir",
                "rm -r /data/gone; mkdir -p /data/gone/gone",
                "echo 1 > /data/gone/new; rm /data/gone/new",
                "echo x > /cache/of/other",
                "echo app:x:9: >> /etc/group",
                "rm '/name/with  blanks and ü'; echo y > '/name/with  blanks and ä'",
                "mv /opt/tool/tool /t; mv /t /opt/tool/tool",
                "rm -r /opt; mkdir -p /opt/tool; echo tool > /opt/tool/tool; chmod 4755 /opt/tool/tool",
                "for i in 1 2 3 4 5 6 7 8 9; do mkdir -p /many/$i; echo $i > /many/$i/$i; done; rm -r /many/5",
                "find / -xdev -type f -name 't*' -exec touch {} +"
            })
    void theLayerIsTheSameAsAnOverlays(String script) throws Exception {
        Layer overlay = layerOf(Form.MOUNTED, script);
        Layer compared = layerOf(Form.UNPACKED, script);
        assertThat(entries(compared)).isEqualTo(entries(overlay));
        assertThat(compared.diffId()).isEqualTo(overlay.diffId());
    }

    @Test
    void extendedAttributesAreComparedAndKept() throws Exception {
        Layer[] found = new Layer[2];
        for (Form form : Form.values()) {
            try (Snapshots snapshots = Snapshots.open(folder.resolve("xattr-" + form), form);
                    RootFilesystem root = snapshots.mount(layers)) {
                root.begin();
                Path one = root.root().resolve("data/one");
                assertThat((byte[]) Files.getAttribute(one, "user:note"))
                        .asString()
                        .isEqualTo("first");
                Files.setAttribute(one, "user:note", "second".getBytes(StandardCharsets.UTF_8));
                Files.setAttribute(root.root().resolve("srv"), "user:dir", new byte[] {1});
                try (LayerWriter writer =
                        LayerWriter.open(Compressor.of(Compression.NONE), new Timestamps.ClampedTo(EPOCH), List.of())) {
                    Changeset.of(root.unmount(), OverlayXattrs.USER).writeTo(writer);
                    found[form.ordinal()] = writer.finish();
                }
            }
        }
        assertThat(entries(found[0])).anyMatch(entry -> entry.contains("user.note"));
        assertThat(entries(found[1])).isEqualTo(entries(found[0]));
    }

    @Test
    void aViewIsTheSameFiles() throws Exception {
        try (Snapshots snapshots = Snapshots.open(folder.resolve("view"), Form.UNPACKED);
                Snapshot view = snapshots.view(layers)) {
            assertThat(view.root().resolve("data/one")).hasContent("one\nmore");
            assertThat(view.root().resolve("data/old")).doesNotExist();
            assertThat(view.root().resolve("data/gone")).isDirectoryNotContaining("glob:**/gone");
        }
        assertThat(layers.getFirst().resolve("data/old")).exists();
    }

    @Test
    void whatIsLentComesBackAndItsPlaceIsNoChange() throws Exception {
        Path cache = Files.createDirectories(folder.resolve("lent/fs"));
        Files.writeString(cache.resolve("kept"), "kept");
        try (Snapshots snapshots = Snapshots.open(folder.resolve("lending"), Form.UNPACKED)) {
            try (UnpackedRoot root = (UnpackedRoot) snapshots.mount(layers)) {
                root.lend(cache, "/data/deep");
                root.copy(layers.getFirst().resolve("srv/a"), "/data/one");
                root.begin();
                inside(
                        root.root(),
                        "cat /data/deep/kept; echo new > /data/deep/new; cat /data/one/b/c/c; rm -r /data/one/b");
                assertThat(cache).doesNotExist();
                assertThat(Changeset.of(root.unmount(), OverlayXattrs.USER).isEmpty())
                        .isTrue();
            }
            assertThat(cache.resolve("kept")).hasContent("kept");
            assertThat(cache.resolve("new")).hasContent("new\n");
            assertThat(layers.getFirst().resolve("srv/a/b/c/c")).exists();
        }
    }

    @Test
    void whatIsLentComesBackAlsoIfNothingIsCompared() throws Exception {
        Path cache = Files.createDirectories(folder.resolve("lent/fs"));
        try (Snapshots snapshots = Snapshots.open(folder.resolve("lending"), Form.UNPACKED)) {
            try (UnpackedRoot root = (UnpackedRoot) snapshots.mount(layers)) {
                root.lend(cache, "/not/there");
                root.begin();
            }
            assertThat(cache).isDirectory();
        }
    }
}
