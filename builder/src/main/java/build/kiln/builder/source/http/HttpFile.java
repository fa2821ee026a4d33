package build.kiln.builder.source.http;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.PlatformFailure;
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
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A file that an HTTP server gives to everybody who asks, or to whom it knows.
///
/// The tree that it brings is one folder with this file alone in it, with the mode 0600, and as old as the server says
/// (1970 if it does not).
///
/// @param url `https://` or `http://`; may hold a user and a password, which are sent to its host alone
/// @param name of the file; null for the one that the server or the URL says
/// @param checksum what the content has to add up to; null if nobody said
/// @param login for a server that gives it not to everybody
/// @param place that asks for it, for messages: `Dockerfile:4`
public record HttpFile(
        String url, @Nullable String name, @Nullable Digest checksum, HttpLogin login, String place) implements Source {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final long MOST_BYTES = 64L << 30;
    private static final Duration LONGEST = Duration.ofHours(2);

    /// A file whose name is for the server or the URL to say.
    public HttpFile(String url, @Nullable Digest checksum, String place) {
        this(url, null, checksum, place);
    }

    /// A file for everybody.
    public HttpFile(String url, @Nullable String name, @Nullable Digest checksum, String place) {
        this(url, name, checksum, HttpLogin.NONE, place);
    }

    /// What the server answered.
    public sealed interface Answer {

        /// The content is still the one of this entity tag.
        ///
        /// @param modified when the server says that it was changed; null if it says nothing this time
        record Unchanged(@Nullable Instant modified) implements Answer {}

        /// The file.
        ///
        /// @param content sha256 of its bytes
        /// @param entityTag by which the server knows this content; null if it gave none that says so
        record Fetched(
                SourceTree tree,
                Path file,
                Digest content,
                @Nullable String entityTag) implements Answer {}
    }

    @Override
    public SourceTree obtain(Path work) {
        return fetch(work).tree();
    }

    /// As [#obtain], with what else is known of the file then.
    public Answer.Fetched fetch(Path work) {
        try (HttpAnswer answer = new HttpRequests(url, login, place, null).answer()) {
            return fetched(answer, work);
        } catch (IOException e) {
            throw Unwritable.failure(place, work, e);
        }
    }

    /// As [#fetch], if the server does not say that the content is still the one of this tag.
    public Answer fetch(Path work, String entityTag) {
        try (HttpAnswer answer = new HttpRequests(url, login, place, entityTag).answer()) {
            return answer.status() == 304 ? new Answer.Unchanged(answer.modified()) : fetched(answer, work);
        } catch (IOException e) {
            throw Unwritable.failure(place, work, e);
        }
    }

    private Answer.Fetched fetched(HttpAnswer answer, Path work) throws IOException {
        Path folder = work.resolve("files");
        Path file = folder.resolve(name != null ? name : FileNames.of(answer.contentDisposition(), answer.path()));
        MessageDigest content = Digest.sha256();
        MessageDigest wanted = checksum == null ? null : checksum.newHash();
        write(answer, folder, file, content, wanted);
        check(wanted, answer.shown());
        Instant modified = answer.modified();
        finish(file, modified == null ? Instant.EPOCH : modified);
        String tag = answer.entityTag();
        return new Answer.Fetched(
                new SourceTree(folder, null, modified, List.of()),
                file,
                Digest.finish(content),
                tag == null || tag.isEmpty() || tag.startsWith("W/") ? null : tag);
    }

    private void write(HttpAnswer answer, Path folder, Path file, MessageDigest content, @Nullable MessageDigest wanted)
            throws IOException {
        Files.createDirectories(folder);
        byte[] buffer = new byte[BUFFER_BYTES];
        long end = System.nanoTime() + LONGEST.toNanos();
        long size = 0;
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int n = read(answer, buffer); n >= 0; n = read(answer, buffer)) {
                size += n;
                if (size > MOST_BYTES
                        || System.nanoTime() - end > 0
                        || Thread.currentThread().isInterrupted()) {
                    throw tooMuch(answer.shown(), size);
                }
                content.update(buffer, 0, n);
                if (wanted != null) {
                    wanted.update(buffer, 0, n);
                }
                out.write(buffer, 0, n);
            }
        }
    }

    private BuildFailure tooMuch(String shown, long size) {
        if (Thread.currentThread().isInterrupted()) {
            return new PlatformFailure(Reason.Interrupted, "", "The build was told to stop.", "");
        }
        return new SourceFailure(
                Reason.SourceCorrupt,
                place,
                shown + " has not ended after " + size + " bytes; a file may have " + (MOST_BYTES >> 30)
                        + " GiB, and take " + LONGEST.toHours() + " hours.",
                "Correct the URL, or put the file into the build context.");
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

    private void check(@Nullable MessageDigest hash, String shown) {
        if (checksum == null || hash == null) {
            return;
        }
        Digest found = new Digest(checksum.algorithm(), HexFormat.of().formatHex(hash.digest()));
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

    /// A URL as it may be shown: without its user-info, query and fragment.
    public static String shown(String url) {
        return HttpRequests.shown(url);
    }

    /// Without the user-info and the query of the URL.
    @Override
    public String toString() {
        return shown(url);
    }
}
