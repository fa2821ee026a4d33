package build.kiln.builder.layer;

import build.kiln.builder.linux.DeviceNumber;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/// The bytes of a saved [LayerIndex]: a magic word with the version, the entries, the opaque directories, a
/// CRC-32C of it
/// all. Numbers are little-endian base 128; of each path only what differs from the one before it.
final class IndexFormat {

    private static final byte[] MAGIC = "KilnIdx1".getBytes(StandardCharsets.US_ASCII);

    private static final int CHECKSUM_BYTES = 4;

    private static final int FILE = 0;
    private static final int DIRECTORY = 1;
    private static final int SYMLINK = 2;
    private static final int HARD_LINK = 3;
    private static final int CHARACTER = 4;
    private static final int BLOCK = 5;
    private static final int FIFO = 6;
    private static final int WHITEOUT = 7;

    private IndexFormat() {}

    static void save(LayerIndex index, OutputStream out) throws IOException {
        Output to = new Output();
        to.raw(MAGIC);
        to.number(index.size());
        LayerPath previous = LayerPath.ROOT;
        for (LayerEntry entry : index.entries()) {
            to.path(previous, entry.path());
            to.entry(entry);
            previous = entry.path();
        }
        to.number(index.opaqueDirectories().size());
        previous = LayerPath.ROOT;
        for (LayerPath path : index.opaqueDirectories()) {
            to.path(previous, path);
            previous = path;
        }
        to.raw(checksum(to.bytes, to.length));
        out.write(to.bytes, 0, to.length);
    }

    private static byte[] checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return ByteBuffer.allocate(CHECKSUM_BYTES).putInt((int) crc.getValue()).array();
    }

    static LayerIndex load(InputStream in) throws IOException {
        byte[] all = in.readAllBytes();
        int length = all.length - CHECKSUM_BYTES;
        if (length < MAGIC.length || !Arrays.equals(all, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new InvalidLayer("This is not an index of a layer that this version of Kiln wrote.");
        }
        if (!Arrays.equals(all, length, all.length, checksum(all, length), 0, CHECKSUM_BYTES)) {
            throw new InvalidLayer("The index of a layer is damaged: its checksum is wrong.");
        }
        try {
            return parse(new Input(Arrays.copyOfRange(all, MAGIC.length, length)));
        } catch (IndexOutOfBoundsException
                | NegativeArraySizeException
                | ArithmeticException
                | IllegalArgumentException
                | DateTimeException e) {
            throw new InvalidLayer("The index of a layer is damaged: it ends early, or has a value that cannot be.", e);
        }
    }

    private static LayerIndex parse(Input from) {
        LayerEntry[] entries = new LayerEntry[from.size()];
        LayerPath previous = LayerPath.ROOT;
        for (int i = 0; i < entries.length; i++) {
            LayerPath path = from.path(previous);
            entries[i] = from.entry(path);
            previous = path;
        }
        SortedSet<LayerPath> opaque = new TreeSet<>();
        previous = LayerPath.ROOT;
        for (int left = from.size(); left > 0; left--) {
            previous = from.path(previous);
            opaque.add(previous);
        }
        return new LayerIndex(entries, opaque);
    }

    private static final class Output {
        private byte[] bytes = new byte[4096];
        private int length;

        private void room(int wanted) {
            if (bytes.length - length < wanted) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + wanted));
            }
        }

        void raw(byte[] value) {
            raw(value, 0, value.length);
        }

        void raw(byte[] value, int offset, int count) {
            room(count);
            System.arraycopy(value, offset, bytes, length, count);
            length += count;
        }

        void number(long value) {
            room(10);
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                bytes[length++] = (byte) (rest | 0x80);
                rest >>>= 7;
            }
            bytes[length++] = (byte) rest;
        }

        void sized(byte[] value) {
            number(value.length);
            raw(value);
        }

        void path(LayerPath previous, LayerPath path) {
            byte[] before = previous.shared();
            byte[] now = path.shared();
            int at = Arrays.mismatch(before, now);
            int same = at < 0 ? now.length : at;
            number(same);
            number(now.length - same);
            raw(now, same, now.length - same);
        }

        void entry(LayerEntry entry) {
            switch (entry) {
                case LayerEntry.File e -> {
                    head(FILE, e.attributes());
                    number(e.sizeBytes());
                    raw(e.sha256().shared());
                }
                case LayerEntry.Directory e -> head(DIRECTORY, e.attributes());
                case LayerEntry.Symlink e -> {
                    head(SYMLINK, e.attributes());
                    sized(e.target().shared());
                }
                case LayerEntry.HardLink e -> {
                    head(HARD_LINK, e.attributes());
                    sized(e.target().shared());
                }
                case LayerEntry.Device e -> {
                    head(e.kind() == LayerEntry.DeviceKind.BLOCK ? BLOCK : CHARACTER, e.attributes());
                    number(e.number().major());
                    number(e.number().minor());
                }
                case LayerEntry.Fifo e -> head(FIFO, e.attributes());
                case LayerEntry.Whiteout e -> number(WHITEOUT);
                case LayerEntry.Opaque e -> throw new IllegalStateException(e.path() + " is kept apart");
            }
        }

        private void head(int type, Attributes attributes) {
            number(type);
            number(attributes.mode());
            number(attributes.uid());
            number(attributes.gid());
            long seconds = attributes.mtime().getEpochSecond();
            number((seconds << 1) ^ (seconds >> 63));
            number(attributes.mtime().getNano());
            number(attributes.xattrs().size());
            attributes.xattrs().forEach((name, value) -> {
                sized(name.getBytes(StandardCharsets.UTF_8));
                sized(value.shared());
            });
        }
    }

    private static final class Input {
        private final byte[] bytes;
        private int at;

        Input(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] raw(int count) {
            if (count < 0 || count > bytes.length - at) {
                throw new IndexOutOfBoundsException(count);
            }
            at += count;
            return Arrays.copyOfRange(bytes, at - count, at);
        }

        long number() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                byte next = bytes[at++];
                value |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("a number has over ten bytes");
        }

        /// A count of things that take at least a byte each.
        int size() {
            long value = number();
            if (value < 0 || value > bytes.length - at) {
                throw new IndexOutOfBoundsException();
            }
            return (int) value;
        }

        LayerPath path(LayerPath previous) {
            byte[] before = previous.shared();
            int same = (int) number();
            int more = size();
            byte[] path = Arrays.copyOf(before, Math.addExact(same, more));
            if (same > before.length) {
                throw new IndexOutOfBoundsException(same);
            }
            System.arraycopy(bytes, at, path, same, more);
            at += more;
            return LayerPath.trusted(path);
        }

        LayerEntry entry(LayerPath path) {
            int type = (int) number();
            if (type == WHITEOUT) {
                return new LayerEntry.Whiteout(path);
            }
            Attributes attributes = attributes();
            return switch (type) {
                case FILE -> new LayerEntry.File(path, attributes, number(), Bytes.owning(raw(32)));
                case DIRECTORY -> new LayerEntry.Directory(path, attributes);
                case SYMLINK -> new LayerEntry.Symlink(path, attributes, Bytes.owning(raw(size())));
                case HARD_LINK -> new LayerEntry.HardLink(path, attributes, LayerPath.trusted(raw(size())));
                case CHARACTER ->
                    new LayerEntry.Device(path, attributes, LayerEntry.DeviceKind.CHARACTER, deviceNumber());
                case BLOCK -> new LayerEntry.Device(path, attributes, LayerEntry.DeviceKind.BLOCK, deviceNumber());
                case FIFO -> new LayerEntry.Fifo(path, attributes);
                default -> throw new IllegalArgumentException("there is no entry of type " + type);
            };
        }

        private DeviceNumber deviceNumber() {
            return new DeviceNumber((int) number(), (int) number());
        }

        private Attributes attributes() {
            int mode = (int) number();
            long uid = number();
            long gid = number();
            long zigzag = number();
            Instant mtime = Instant.ofEpochSecond((zigzag >>> 1) ^ -(zigzag & 1), number());
            int count = size();
            if (count == 0) {
                return new Attributes(mode, uid, gid, mtime, Map.of());
            }
            Map<String, Bytes> xattrs = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                String name = new String(raw(size()), StandardCharsets.UTF_8);
                xattrs.put(name, Bytes.owning(raw(size())));
            }
            return new Attributes(mode, uid, gid, mtime, xattrs);
        }
    }
}
