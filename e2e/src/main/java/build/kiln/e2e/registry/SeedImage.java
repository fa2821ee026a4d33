package build.kiln.e2e.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// An image of one layer that the suite makes itself: this machine's statically linked busybox under all its names, and
/// what else is put in. The same content gives the same image.
public final class SeedImage {

    private static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final List<String> FOLDERS = List.of(
            "bin", "dev", "etc", "home", "proc", "root", "sbin", "sys", "tmp", "usr", "usr/bin", "usr/sbin", "var");

    private final ByteArrayOutputStream tar = new ByteArrayOutputStream();
    private final TarArchiveOutputStream entries = new TarArchiveOutputStream(tar, StandardCharsets.UTF_8.name());

    private SeedImage() {
        entries.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    /// @param busybox the program, which needs no library
    /// @param applets the places of its names, such as `bin/ls`
    public static SeedImage ofBusybox(Path busybox, List<String> applets) {
        SeedImage image = new SeedImage();
        try {
            for (String folder : FOLDERS) {
                image.folder(folder, folder.equals("tmp") ? 01777 : 0755);
            }
            image.file("bin/busybox", Files.readAllBytes(busybox), 0755);
            for (String applet : new TreeSet<>(applets)) {
                if (applet.matches("(usr/)?s?bin/[^/]+") && !applet.equals("bin/busybox")) {
                    image.link(applet, "/bin/busybox");
                }
            }
            image.file(
                    "etc/passwd",
                    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
                            .getBytes(StandardCharsets.UTF_8),
                    0644);
            image.file("etc/group", "root:x:0:\nnobody:x:65534:\n".getBytes(StandardCharsets.UTF_8), 0644);
        } catch (IOException e) {
            throw new UncheckedIOException("The program " + busybox + " cannot be read.", e);
        }
        return image;
    }

    /// Puts in all files of a folder, readable for everybody.
    ///
    /// @param target where, without a slash at its start
    public SeedImage with(Path folder, String target) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted().toList()) {
                String name = path.equals(folder) ? target : target + "/" + folder.relativize(path);
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    folder(name, 0755);
                } else {
                    file(name, Files.readAllBytes(path), 0644);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The folder " + folder + " cannot be read.", e);
        }
        return this;
    }

    private void folder(String name, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name + "/");
        entry.setMode(mode);
        entry.setModTime(0);
        entries.putArchiveEntry(entry);
        entries.closeArchiveEntry();
    }

    private void file(String name, byte[] content, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode(mode);
        entry.setModTime(0);
        entry.setSize(content.length);
        entries.putArchiveEntry(entry);
        entries.write(content);
        entries.closeArchiveEntry();
    }

    private void link(String name, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        entry.setLinkName(target);
        entry.setMode(0777);
        entry.setModTime(0);
        entries.putArchiveEntry(entry);
        entries.closeArchiveEntry();
    }

    /// Sends the image to a registry; nothing can be put in afterwards.
    ///
    /// @param architecture as images call it, such as `amd64`
    /// @return the digest of its manifest
    public String push(RegistryClient registry, String repository, String tag, String architecture)
            throws InterruptedException {
        byte[] layer;
        String diffId;
        try {
            entries.close();
            byte[] plain = tar.toByteArray();
            diffId = Digests.of(plain);
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
                gzip.write(plain);
            }
            layer = compressed.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("The image " + repository + " cannot be made.", e);
        }
        byte[] config = bytes("""
            {"architecture":"%s","os":"linux","config":{"Cmd":["sh"],\
            "Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]},\
            "rootfs":{"type":"layers","diff_ids":["%s"]}}\
            """.formatted(architecture, diffId));
        byte[] manifest =
                bytes("""
                    {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}\
                    """.formatted(OCI_MANIFEST, descriptor(OCI_CONFIG, config), descriptor(OCI_LAYER, layer)));
        registry.pushBlob(repository, Digests.of(layer), BodyPublishers.ofByteArray(layer));
        registry.pushBlob(repository, Digests.of(config), BodyPublishers.ofByteArray(config));
        registry.pushManifest(repository, tag, OCI_MANIFEST, manifest);
        return Digests.of(manifest);
    }

    private static String descriptor(String mediaType, byte[] content) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(mediaType, Digests.of(content), content.length);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
