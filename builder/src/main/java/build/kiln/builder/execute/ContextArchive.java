package build.kiln.builder.execute;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import build.kiln.builder.layer.Attributes;
import build.kiln.builder.layer.EntrySink;
import build.kiln.builder.layer.Fidelity;
import build.kiln.builder.layer.FileContent;
import build.kiln.builder.layer.InvalidLayer;
import build.kiln.builder.layer.LayerDirectory;
import build.kiln.builder.layer.LayerEntry;
import build.kiln.builder.layer.LayerPath;
import build.kiln.builder.layer.LayerReader;
import build.kiln.builder.layer.OverlayXattrs;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.apache.commons.compress.MemoryLimitException;
import org.jspecify.annotations.Nullable;

/// A file that may be a tar, packed or not, of the files to build from.
///
/// @param name as messages have it
/// @param place where the user named it
record ContextArchive(Path file, String name, String place) {

    /// What it may hold when it is unpacked: as much as a file that is fetched. A few KiB can unpack to any number.
    private static final long MOST_BYTES = 64L << 30;

    /// Whether it is a tar: by its content alone.
    boolean isOne() throws IOException {
        try (InputStream content = PackedFiles.open(Files.newInputStream(file))) {
            return PackedFiles.isTar(content);
        } catch (FileSystemException e) {
            throw e;
        } catch (MemoryLimitException e) {
            throw broken(
                    "it takes " + e.getMemoryNeededInKb() + " KiB of memory to unpack, and " + PackedFiles.XZ_MEMORY_KIB
                            + " KiB are allowed.",
                    e);
        } catch (IOException e) {
            return false; // it looks packed and cannot be unpacked
        }
    }

    /// Unpacks it, with owners and devices as far as this machine allows.
    ///
    /// @param folder exists and is empty
    /// @return how many owners, attributes and devices were not allowed
    /// @throws SourceFailure `SourceCorrupt`
    long unpack(Path folder) throws IOException {
        try (LayerDirectory directory = LayerDirectory.open(folder, OverlayXattrs.USER, Fidelity.AS_FAR_AS_ALLOWED)) {
            read(directory);
            return directory.finish();
        }
    }

    /// The time of the newest entry; empty if there is none.
    Optional<Instant> newestTime() throws IOException {
        Newest newest = new Newest();
        read(newest);
        return Optional.ofNullable(newest.time);
    }

    private void read(EntrySink sink) throws IOException {
        try (InputStream content = new Unpacked(this, PackedFiles.open(Files.newInputStream(file)))) {
            LayerReader.read(content, new NoWhiteouts(this, sink));
        } catch (InvalidLayer e) {
            throw broken(
                    String.valueOf(e.getMessage())
                            .replaceFirst("^The layer('s| has)", "it$1")
                            .replace("it's", "its"),
                    e);
        }
    }

    /// That it is not a tar.
    SourceFailure noArchive() {
        return new SourceFailure(
                Reason.SourceCorrupt,
                place,
                name + " is not a tar archive, neither plain nor packed with gzip, bzip2, xz or zstd.",
                "Name the URL of a tar of the build context.");
    }

    private SourceFailure broken(String fact, @Nullable Throwable cause) {
        return new SourceFailure(
                Reason.SourceCorrupt, place, "the archive " + name + " is broken: " + fact, "Pack it again.", cause);
    }

    /// Its content. It ends with the failure that says why if it cannot be unpacked.
    private static final class Unpacked extends FilterInputStream {

        private final ContextArchive archive;
        private long size;

        Unpacked(ContextArchive archive, InputStream content) {
            super(content);
            this.archive = archive;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int count;
            try {
                count = super.read(into, offset, length);
            } catch (IOException e) {
                throw archive.broken("it cannot be unpacked (" + e.getMessage() + ").", e);
            }
            size += Math.max(count, 0);
            if (size > MOST_BYTES) {
                throw archive.broken("it holds more than " + (MOST_BYTES >> 30) + " GiB.", null);
            }
            return count;
        }
    }

    /// Names that an image layer gives a meaning, and no archive of files has.
    private record NoWhiteouts(ContextArchive archive, EntrySink sink) implements EntrySink {

        @Override
        public void add(LayerEntry.Plain entry) throws IOException {
            if (entry instanceof LayerEntry.Whiteout || entry instanceof LayerEntry.Opaque) {
                throw archive.broken(
                        "it has a name that begins with \".wh.\" in or at " + entry.path()
                                + ", which no image layer can hold.",
                        null);
            }
            sink.add(entry);
        }

        @Override
        public void addFile(LayerPath path, Attributes attributes, FileContent content) throws IOException {
            sink.addFile(path, attributes, content);
        }
    }

    private static final class Newest implements EntrySink {

        private @Nullable Instant time;

        @Override
        public void add(LayerEntry.Plain entry) {
            switch (entry) {
                case LayerEntry.Directory e -> take(e.attributes());
                case LayerEntry.Symlink e -> take(e.attributes());
                case LayerEntry.HardLink e -> take(e.attributes());
                case LayerEntry.Device e -> take(e.attributes());
                case LayerEntry.Fifo e -> take(e.attributes());
                case LayerEntry.Whiteout _, LayerEntry.Opaque _ -> {}
            }
        }

        @Override
        public void addFile(LayerPath path, Attributes attributes, FileContent content) {
            take(attributes);
        }

        private void take(Attributes attributes) {
            if (time == null || attributes.mtime().isAfter(time)) {
                time = attributes.mtime();
            }
        }
    }
}
