package build.kiln.builder.source.http;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.Source;
import build.kiln.builder.source.SourceTree;
import build.kiln.builder.source.Unwritable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file that an HTTP server gives to everybody who asks.
///
/// The tree that it brings is one folder with this file alone in it: named as the server or the URL says, with
/// the mode 0600, and as old as the server says (1970 if it does not).
///
/// @param url `https://` or `http://`; may hold a user and a password, which are sent to its host alone
/// @param checksum what the content has to add up to; null if nobody said
/// @param place that asks for it, for messages: `Dockerfile:4`
public record HttpFile(String url, @Nullable Digest checksum, String place) implements Source {

    private static final int BUFFER_BYTES = 1 << 16;

    @Override
    public SourceTree obtain(Path work) {
        Path folder = work.resolve("files");
        HttpAnswer answer = new HttpRequests(url, place).answer();
        try (answer) {
            Path file = folder.resolve(FileNames.of(answer.contentDisposition(), answer.path()));
            MessageDigest hash = checksum == null ? Digest.sha256() : checksum.newHash();
            write(answer, folder, file, hash);
            check(hash, answer.shown());
            finish(file, answer.modified());
            return new SourceTree(folder, null, answer.modified(), List.of());
        } catch (IOException e) {
            throw Unwritable.failure(place, work, e);
        }
    }

    private void write(HttpAnswer answer, Path folder, Path file, MessageDigest hash) throws IOException {
        Files.createDirectories(folder);
        byte[] buffer = new byte[BUFFER_BYTES];
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int n = read(answer, buffer); n >= 0; n = read(answer, buffer)) {
                hash.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
        }
    }

    private int read(HttpAnswer answer, byte[] buffer) {
        InputStream content = answer.content();
        try {
            return content.read(buffer);
        } catch (IOException e) {
            throw new SourceFailure(
                    Reason.SourceUnavailable,
                    place,
                    "reading " + answer.shown() + " broke off: " + e.getMessage() + ".",
                    "Check the network; then try again.",
                    e);
        }
    }

    private void check(MessageDigest hash, String shown) {
        if (checksum == null) {
            return;
        }
        Digest found = new Digest(checksum.algorithm(), java.util.HexFormat.of().formatHex(hash.digest()));
        if (!found.equals(checksum)) {
            throw new SourceFailure(
                    Reason.SourceCorrupt,
                    place,
                    shown + " has the digest " + found + ", and should have " + checksum + ".",
                    "If the file was changed on purpose, write its new digest.");
        }
    }

    private static void finish(Path file, Instant modified) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(FileTime.from(modified), null, null);
    }

    /// Without the user-info and the query of the URL.
    @Override
    public String toString() {
        return HttpRequests.shown(url);
    }
}
