package build.kiln.builder.layer;

import java.util.Arrays;
import java.util.zip.Adler32;

/// The 512 bytes before an entry, in the dialects that exist: v7, ustar, star and GNU.
final class TarHeader {

    private static final int CHECKSUM_AT = 148;
    private static final int CHECKSUM_BYTES = 8;

    private final byte[] bytes;

    TarHeader(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean isZero() {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /// @throws InvalidLayer if these bytes are no header
    void verifyChecksum() throws InvalidLayer {
        byte[] blank = bytes.clone();
        Arrays.fill(blank, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES, (byte) ' ');
        long unsigned = sum(blank);
        long stored = number("checksum", CHECKSUM_AT, CHECKSUM_BYTES);
        if (stored != unsigned && stored != signedSum(blank)) {
            throw new InvalidLayer("The tar is damaged: a header's checksum is " + stored + ", its content adds up to "
                    + unsigned + ".");
        }
    }

    /// What the bytes of a header add up to.
    ///
    /// Adler-32 has one more than their sum in its lower half, modulo 65,521, which no half of a header comes to. A
    /// loop over the bytes is slow until it is compiled, which in a small build it never is.
    static long sum(byte[] header) {
        Adler32 adler = new Adler32();
        long sum = 0;
        for (int at = 0; at < TarEncoder.BLOCK; at += TarEncoder.BLOCK / 2) {
            adler.reset();
            adler.update(header, at, TarEncoder.BLOCK / 2);
            sum += (adler.getValue() & 0xffff) - 1;
        }
        return sum;
    }

    /// As some programs add them up.
    private static long signedSum(byte[] header) {
        long sum = 0;
        for (byte b : header) {
            sum += b;
        }
        return sum;
    }

    char type() {
        return (char) (bytes[156] & 0xff);
    }

    byte[] name() {
        byte[] name = text(0, 100);
        boolean posix = Arrays.equals(bytes, 257, 263, new byte[] {'u', 's', 't', 'a', 'r', 0}, 0, 6);
        if (!posix) {
            return name;
        }
        boolean star = Arrays.equals(bytes, 508, 512, new byte[] {'t', 'a', 'r', 0}, 0, 4);
        byte[] prefix = text(345, star ? 131 : 155);
        if (prefix.length == 0) {
            return name;
        }
        byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    byte[] link() {
        return text(157, 100);
    }

    int mode() throws InvalidLayer {
        return (int) number("mode", 100, 8) & 07777;
    }

    long uid() throws InvalidLayer {
        return number("uid", 108, 8);
    }

    long gid() throws InvalidLayer {
        return number("gid", 116, 8);
    }

    long size() throws InvalidLayer {
        return number("size", 124, 12);
    }

    long mtime() throws InvalidLayer {
        return number("mtime", 136, 12);
    }

    int deviceMajor() throws InvalidLayer {
        return (int) number("device", 329, 8);
    }

    int deviceMinor() throws InvalidLayer {
        return (int) number("device", 337, 8);
    }

    private byte[] text(int at, int width) {
        int end = at;
        while (end < at + width && bytes[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(bytes, at, end);
    }

    /// Octal digits between blanks and NULs, or GNU's big-endian binary with the highest bit set.
    private long number(String field, int at, int width) throws InvalidLayer {
        if ((bytes[at] & 0x80) != 0) {
            return binary(field, at, width);
        }
        int i = at;
        int end = at + width;
        while (i < end && isBlank(bytes[i])) {
            i++;
        }
        long value = 0;
        while (i < end && !isBlank(bytes[i])) {
            if (bytes[i] < '0' || bytes[i] > '7') {
                throw new InvalidLayer("The tar is damaged: a header's " + field + " is not an octal number.");
            }
            value = value << 3 | bytes[i++] - '0';
        }
        return value;
    }

    private long binary(String field, int at, int width) throws InvalidLayer {
        boolean negative = (bytes[at] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = at; i < at + width; i++) {
            int next = i == at ? (negative ? bytes[i] | 0x80 : bytes[i] & 0x7f) : bytes[i];
            long shifted = value << 8 | next & 0xff;
            if (shifted >> 8 != value) {
                throw new InvalidLayer("The tar is damaged: a header's " + field + " is larger than 63 bits.");
            }
            value = shifted;
        }
        return value;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == 0;
    }
}
