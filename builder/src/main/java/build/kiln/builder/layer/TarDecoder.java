package build.kiln.builder.layer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads tar entries one after the other. Trusts nothing: whatever the bytes are, it ends with an entry, the
/// end, or
/// [InvalidLayer].
final class TarDecoder {

    /// One entry, with what long-name and PAX headers said about it worked in.
    ///
    /// @param type as in the header
    @SuppressWarnings("ArrayRecordComponent") // Read once, by LayerReader.
    record Entry(
            char type,
            byte[] name,
            byte[] link,
            Attributes attributes,
            long sizeBytes,
            int deviceMajor,
            int deviceMinor) {

        String text() {
            return new String(name, StandardCharsets.UTF_8);
        }
    }

    /// Linux takes ids of 32 bits, but for the last, which means "do not change".
    private static final long ID_MAX = 0xfffffffeL;

    private static final int SPECIAL_MAX = 1 << 20;
    private static final int XATTR_NAME_MAX = 255;
    private static final int XATTR_VALUE_MAX = 64 << 10;

    private final InputStream in;
    private final byte[] block = new byte[TarEncoder.BLOCK];
    private long contentLeft;
    private long padding;

    TarDecoder(InputStream in) {
        this.in = in;
    }

    /// @return null at the end of the archive
    @Nullable
    Entry next() throws IOException {
        skipContent();
        byte[] longName = new byte[0];
        byte[] longLink = new byte[0];
        PaxRecords pax = PaxRecords.NONE;
        while (true) {
            TarHeader header = header();
            if (header == null) {
                return null;
            }
            switch (header.type()) {
                case 'L' -> longName = untilNul(special(header));
                case 'K' -> longLink = untilNul(special(header));
                case 'x', 'X' -> pax = PaxRecords.parse(special(header));
                case 'g' -> special(header); // Holds for the archive, and nothing of it for layers.
                default -> {
                    return entry(header, longName, longLink, pax);
                }
            }
        }
    }

    private @Nullable TarHeader header() throws IOException {
        int count = in.readNBytes(block, 0, block.length);
        if (count == 0) {
            return null;
        }
        if (count < block.length) {
            throw truncated();
        }
        TarHeader header = new TarHeader(block);
        if (header.isZero()) {
            return null;
        }
        header.verifyChecksum();
        return header;
    }

    private Entry entry(TarHeader header, byte[] longName, byte[] longLink, PaxRecords pax) throws IOException {
        byte[] name = pax.path(longName.length > 0 ? longName : header.name());
        byte[] link = pax.linkPath(longLink.length > 0 ? longLink : header.link());
        char type = header.type();
        if (type == 'S') {
            throw new InvalidLayer("The tar has a sparse file (" + new String(name, StandardCharsets.UTF_8)
                    + "), which an image layer must not have.");
        }
        if (type == 0) {
            type = name.length > 0 && name[name.length - 1] == '/' ? '5' : '0';
        }
        boolean hasContent = type < '1' || type > '6';
        long size = hasContent ? pax.number("size", header.size()) : 0;
        if (size < 0) {
            throw new InvalidLayer("The tar is damaged: an entry has a size of " + size + " bytes.");
        }
        expect(size);
        Attributes attributes = new Attributes(
                header.mode(),
                id(pax.number("uid", header.uid())),
                id(pax.number("gid", header.gid())),
                pax.mtime(header.mtime()),
                sound(pax.xattrs()));
        boolean device = type == '3' || type == '4';
        return new Entry(
                type,
                name,
                link,
                attributes,
                size,
                device ? header.deviceMajor() : 0,
                device ? header.deviceMinor() : 0);
    }

    private static long id(long id) throws InvalidLayer {
        if (id < 0 || id > ID_MAX) {
            throw new InvalidLayer("The tar has an entry that belongs to id " + id + ", which Linux does not have.");
        }
        return id;
    }

    private static Map<String, Bytes> sound(Map<String, Bytes> xattrs) throws InvalidLayer {
        for (Map.Entry<String, Bytes> xattr : xattrs.entrySet()) {
            String name = xattr.getKey();
            boolean sound = !name.isEmpty()
                    && name.indexOf('\0') < 0
                    && name.getBytes(StandardCharsets.UTF_8).length <= XATTR_NAME_MAX
                    && xattr.getValue().length() <= XATTR_VALUE_MAX;
            if (!sound) {
                throw new InvalidLayer("The tar has an extended attribute of a name or size that Linux does not take.");
            }
        }
        return xattrs;
    }

    private byte[] special(TarHeader header) throws IOException {
        long size = header.size();
        if (size < 0 || size > SPECIAL_MAX) {
            throw new InvalidLayer(
                    "The tar has an extended header of " + size + " bytes; at most " + SPECIAL_MAX + " are allowed.");
        }
        expect(size);
        byte[] content = new byte[(int) size];
        if (readFully(content) < size) {
            throw truncated();
        }
        skipContent();
        return content;
    }

    private int readFully(byte[] into) throws IOException {
        int done = 0;
        while (done < into.length) {
            int count = read(into, done, into.length - done);
            if (count < 0) {
                return done;
            }
            done += count;
        }
        return done;
    }

    private static byte[] untilNul(byte[] content) {
        int end = 0;
        while (end < content.length && content[end] != 0) {
            end++;
        }
        return Arrays.copyOf(content, end);
    }

    private void expect(long size) {
        contentLeft = size;
        padding = (TarEncoder.BLOCK - size % TarEncoder.BLOCK) % TarEncoder.BLOCK;
    }

    /// Reads from the content of the entry that [#next] returned last.
    ///
    /// @return -1 at the content's end
    int read(byte[] into, int offset, int length) throws IOException {
        if (contentLeft == 0) {
            return -1;
        }
        int count = in.read(into, offset, (int) Math.min(length, contentLeft));
        if (count < 0) {
            throw truncated();
        }
        contentLeft -= count;
        return count;
    }

    private void skipContent() throws IOException {
        skip(contentLeft);
        skip(padding);
        contentLeft = 0;
        padding = 0;
    }

    private void skip(long count) throws IOException {
        if (in.skip(count) < count) {
            throw truncated();
        }
    }

    private static InvalidLayer truncated() {
        return new InvalidLayer("The tar ends in the middle of an entry.");
    }
}
