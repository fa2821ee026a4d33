package build.kiln.builder.layer;

import build.kiln.builder.linux.DeviceNumber;
import build.kiln.builder.linux.Sha256;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;

/// Reads a layer's blob (tar, gzip or zstd, which it finds out itself) in one pass: entries to a sink, and the
/// index.
///
/// Whatever the bytes are, it ends with the layer or [InvalidLayer]; other failures are the sink's or the
/// stream's own.
/// Names never lead out: absolute ones count from the root, those with `..` are refused.
public final class LayerReader {

    private static final int NAME_MAX = 255;
    private static final int PATH_MAX = 4095;

    private final TarDecoder tar;
    private final EntrySink sink;
    private final IndexBuilder index = new IndexBuilder();
    private final LinksOfLayer links = new LinksOfLayer();
    private final MessageDigest contentHash = Sha256.newHash();

    private LayerReader(TarDecoder tar, EntrySink sink) {
        this.tar = tar;
        this.sink = sink;
    }

    /// What a blob turned out to be.
    public record Unpacked(DiffId diffId, long tarSizeBytes, LayerIndex index) {}

    /// Reads the blob to its end, and compares its diffID.
    ///
    /// @param blob not closed; its own digest is for the caller to check
    /// @throws InvalidLayer if it is no layer, or another than `expected`; what the sink got is then to be
    /// thrown away
    public static Unpacked read(InputStream blob, DiffId expected, EntrySink sink) throws IOException {
        Unpacked unpacked = read(blob, sink);
        if (!unpacked.diffId().equals(expected)) {
            throw new InvalidLayer("The layer's content has the digest " + unpacked.diffId() + ", not " + expected
                    + " as the image's config says.");
        }
        return unpacked;
    }

    /// As [#read(InputStream, DiffId, EntrySink)], where nobody has said what the diffID should be.
    public static Unpacked read(InputStream blob, EntrySink sink) throws IOException {
        MessageDigest hash = Sha256.newHash();
        try (ReadAhead in = new ReadAhead(blob, hash)) {
            LayerReader reader = new LayerReader(new TarDecoder(in), sink);
            reader.readEntries();
            in.skip(Long.MAX_VALUE); // What stands behind the end of the archive belongs to the digest.
            return new Unpacked(new DiffId(Digest.finish(hash)), in.total(), reader.index.build());
        }
    }

    /// Reads the blob for its index only.
    public static Unpacked readIndex(InputStream blob, DiffId expected) throws IOException {
        return read(blob, expected, new EntrySink() {
            @Override
            public void add(LayerEntry.Plain entry) {}

            @Override
            public void addFile(LayerPath path, Attributes attributes, FileContent content) {}
        });
    }

    private void readEntries() throws IOException {
        for (TarDecoder.Entry entry = tar.next(); entry != null; entry = tar.next()) {
            LayerPath path = links.canonical(path(entry, entry.name()));
            byte[] name = path.name();
            if (Whiteouts.isOpaque(name)) {
                plain(new LayerEntry.Opaque(path.parent()));
            } else if (Whiteouts.isReserved(name)) {
                continue;
            } else if (Whiteouts.isWhiteout(name)) {
                plain(new LayerEntry.Whiteout(hidden(path, name)));
            } else {
                entry(entry, path);
            }
        }
    }

    private static LayerPath hidden(LayerPath path, byte[] name) throws InvalidLayer {
        byte[] hidden = Whiteouts.hidden(name);
        if (hidden.length == 0
                || Arrays.equals(hidden, new byte[] {'.'})
                || Arrays.equals(hidden, new byte[] {'.', '.'})) {
            throw new InvalidLayer("The layer has the whiteout " + path + ", which hides nothing that can exist.");
        }
        return path.parent().child(hidden);
    }

    private void entry(TarDecoder.Entry entry, LayerPath path) throws IOException {
        if (path.isRoot() && entry.type() != '5') {
            throw new InvalidLayer("The layer has an entry without a name.");
        }
        Attributes attributes = entry.attributes();
        switch (entry.type()) {
            case '0', '7' -> file(path, attributes, entry.sizeBytes());
            case '1' -> plain(new LayerEntry.HardLink(path, attributes, links.canonical(path(entry, entry.link()))));
            case '2' -> symlink(entry, path);
            case '3' -> plain(device(path, entry, LayerEntry.DeviceKind.CHARACTER));
            case '4' -> plain(device(path, entry, LayerEntry.DeviceKind.BLOCK));
            case '5' -> plain(new LayerEntry.Directory(path, attributes));
            case '6' -> plain(new LayerEntry.Fifo(path, attributes));
            default ->
                throw new InvalidLayer("The layer's entry " + path + " is of type '" + printable(entry.type())
                        + "', which an image layer must not have.");
        }
    }

    private static String printable(char type) {
        return type > ' ' && type < 127 ? String.valueOf(type) : "\\x" + Integer.toHexString(type);
    }

    private static LayerEntry.Device device(LayerPath path, TarDecoder.Entry entry, LayerEntry.DeviceKind kind)
            throws InvalidLayer {
        DeviceNumber number = new DeviceNumber(entry.deviceMajor(), entry.deviceMinor());
        if (number.equals(DeviceNumber.NONE) && kind == LayerEntry.DeviceKind.CHARACTER) {
            throw new InvalidLayer("The layer's entry " + path
                    + " is a character device 0:0, which means a deleted file to overlayfs.");
        }
        return new LayerEntry.Device(path, entry.attributes(), kind, number);
    }

    private void symlink(TarDecoder.Entry entry, LayerPath path) throws IOException {
        byte[] target = entry.link();
        if (target.length == 0 || target.length > PATH_MAX || contains(target, (byte) 0)) {
            throw new InvalidLayer("The layer's symbolic link " + path + " has a target of " + target.length
                    + " bytes, or with a NUL, which Linux does not take.");
        }
        plain(new LayerEntry.Symlink(path, entry.attributes(), Bytes.owning(target)));
    }

    private static boolean contains(byte[] bytes, byte wanted) {
        for (byte b : bytes) {
            if (b == wanted) {
                return true;
            }
        }
        return false;
    }

    private static LayerPath path(TarDecoder.Entry entry, byte[] name) throws InvalidLayer {
        verifyLengths(name);
        try {
            return LayerPath.of(name);
        } catch (IllegalArgumentException e) {
            throw new InvalidLayer(
                    "The layer's entry \"" + entry.text() + "\" cannot be placed: " + e.getMessage() + ".", e);
        }
    }

    /// @throws InvalidLayer if no file system could have this path
    static void verifyLengths(byte[] name) throws InvalidLayer {
        int start = 0;
        for (int i = 0; i <= name.length; i++) {
            if (i == name.length || name[i] == '/') {
                if (i - start > NAME_MAX || i > PATH_MAX) {
                    throw new InvalidLayer("The layer has a name of " + (i - start) + " bytes in a path of "
                            + name.length + "; Linux takes " + NAME_MAX + " and " + PATH_MAX + ".");
                }
                start = i + 1;
            }
        }
    }

    private void plain(LayerEntry.Plain entry) throws IOException {
        index.add(entry);
        links.add(entry);
        sink.add(entry);
    }

    private void file(LayerPath path, Attributes attributes, long size) throws IOException {
        InputStream content = new Content();
        sink.addFile(path, attributes, new FileContent() {
            @Override
            public long sizeBytes() {
                return size;
            }

            @Override
            public InputStream open() {
                return content;
            }
        });
        content.skip(Long.MAX_VALUE); // What the sink has left, for the hash.
        links.forget(path);
        index.add(new LayerEntry.File(path, attributes, size, Bytes.owning(contentHash.digest())));
    }

    /// The content of the entry at hand, hashed as it goes by.
    private final class Content extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = tar.read(into, offset, length);
            if (count > 0) {
                contentHash.update(into, offset, count);
            }
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            byte[] buffer = new byte[16 << 10];
            long done = 0;
            while (done < count) {
                int part = read(buffer, 0, (int) Math.min(buffer.length, count - done));
                if (part < 0) {
                    return done;
                }
                done += part;
            }
            return done;
        }
    }
}
