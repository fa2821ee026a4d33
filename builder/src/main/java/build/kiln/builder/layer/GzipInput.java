package build.kiln.builder.layer;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;

/// Reads gzip of any number of members.
///
/// Unlike `GZIPInputStream` it does not ask the source how much is available to find out whether a member
/// follows, and
/// takes nothing but members until the end.
final class GzipInput extends InputStream {

    private static final int FLAG_HEADER_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;

    private final InputStream in;
    private final Unpacker unpacker;
    private final CRC32 crc = new CRC32();
    private final byte[] buffer = new byte[64 << 10];
    private int start;
    private int end;
    private long memberBytes;
    private boolean ended;
    private boolean inMember;

    /// @param in not closed
    GzipInput(InputStream in) {
        this(in, Unpacker.open());
    }

    GzipInput(InputStream in, Unpacker unpacker) {
        this.in = in;
        this.unpacker = unpacker;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            if (!inMember && !startMember()) {
                ended = true;
                break;
            }
            int count = unpacker.unpack(into, offset, length);
            if (count > 0) {
                crc.update(into, offset, count);
                memberBytes += count;
                return count;
            }
            if (unpacker.isFinished()) {
                endMember();
            } else if (fill()) {
                unpacker.input(buffer, start, end - start);
            } else {
                throw truncated();
            }
        }
        return -1;
    }

    /// @return false at the end of the source
    private boolean startMember() throws IOException {
        if (start == end && !fill()) {
            return false;
        }
        if (next() != 0x1f || next() != 0x8b || next() != 8) {
            throw new InvalidLayer("The layer has bytes that are no gzip stream.");
        }
        int flags = next();
        skip(6);
        if ((flags & FLAG_EXTRA) != 0) {
            int low = next();
            skip(low | next() << 8);
        }
        if ((flags & FLAG_NAME) != 0) {
            skipText();
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipText();
        }
        if ((flags & FLAG_HEADER_CRC) != 0) {
            skip(2);
        }
        unpacker.reset();
        unpacker.input(buffer, start, end - start);
        crc.reset();
        memberBytes = 0;
        inMember = true;
        return true;
    }

    private void endMember() throws IOException {
        start = end - unpacker.remaining();
        long crcSeen = littleEndian();
        long size = littleEndian();
        if (crcSeen != crc.getValue() || size != (memberBytes & 0xffffffffL)) {
            throw new InvalidLayer("The gzip stream is damaged: its checksum or size is not that of its content.");
        }
        inMember = false;
    }

    private long littleEndian() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            value |= (long) next() << shift;
        }
        return value;
    }

    private void skipText() throws IOException {
        while (next() != 0) {
            // The name that the file once had is of no interest.
        }
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private int next() throws IOException {
        if (start == end && !fill()) {
            throw truncated();
        }
        return buffer[start++] & 0xff;
    }

    private boolean fill() throws IOException {
        int count = in.read(buffer, 0, buffer.length);
        start = 0;
        end = Math.max(0, count);
        return count > 0;
    }

    private static InvalidLayer truncated() {
        return new InvalidLayer("The gzip stream ends in the middle.");
    }

    @Override
    public void close() {
        unpacker.close();
    }
}
