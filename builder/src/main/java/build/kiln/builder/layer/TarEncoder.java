package build.kiln.builder.layer;

import build.kiln.builder.linux.DeviceNumber;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// Writes tar headers: ustar, with a PAX header before it only where a value does not fit.
///
/// Names are raw bytes throughout, whether or not they are UTF-8. No user or group names.
final class TarEncoder {

    static final int BLOCK = 512;

    private static final int NAME_MAX = 100;
    private static final int PREFIX_MAX = 155;
    private static final long OCTAL_7 = 07777777L;
    private static final long OCTAL_11 = 077777777777L;

    private final BlobPipeline out;
    private final byte[] header = new byte[BLOCK];
    private static final byte[] ZEROS = new byte[2 * BLOCK];

    TarEncoder(BlobPipeline out) {
        this.out = out;
    }

    /// One entry's header or headers.
    ///
    /// @param name with a trailing slash for a directory
    /// @param link target of a symbolic or hard link; empty for the others
    void header(TarType type, byte[] name, Attributes attributes, long sizeBytes, byte[] link, DeviceNumber device)
            throws IOException {
        int split = nameFits(name) ? 0 : splitPoint(name);
        Map<String, byte[]> pax = paxRecords(name, split < 0, attributes, sizeBytes, link);
        if (!pax.isEmpty()) {
            byte[] records = encode(pax);
            start(TarType.PAX, "PaxHeader".getBytes(StandardCharsets.US_ASCII), 0);
            number(100, 8, 0644);
            number(124, 12, records.length);
            number(136, 12, 0);
            end();
            out.write(records, 0, records.length);
            pad(records.length);
        }
        start(type, name, split);
        number(100, 8, attributes.mode());
        number(108, 8, attributes.uid() > OCTAL_7 ? 0 : attributes.uid());
        number(116, 8, attributes.gid() > OCTAL_7 ? 0 : attributes.gid());
        number(124, 12, sizeBytes > OCTAL_11 ? 0 : sizeBytes);
        number(136, 12, timeFits(attributes.mtime()) ? attributes.mtime().getEpochSecond() : 0);
        System.arraycopy(link, 0, header, 157, Math.min(link.length, NAME_MAX));
        if (type == TarType.CHARACTER_DEVICE || type == TarType.BLOCK_DEVICE) {
            number(329, 8, device.major());
            number(337, 8, device.minor());
        }
        end();
    }

    /// Fills up the last block of an entry's content.
    void pad(long contentBytes) throws IOException {
        int over = (int) (contentBytes % BLOCK);
        if (over > 0) {
            out.write(ZEROS, 0, BLOCK - over);
        }
    }

    void endOfArchive() throws IOException {
        out.write(ZEROS, 0, ZEROS.length);
    }

    private static boolean nameFits(byte[] name) {
        return name.length <= NAME_MAX;
    }

    /// Where a long name is cut into ustar's prefix and name: at this slash; -1 if it cannot be.
    private static int splitPoint(byte[] name) {
        if (name.length > PREFIX_MAX + 1 + NAME_MAX) {
            return -1;
        }
        for (int at = Math.min(PREFIX_MAX, name.length - 2); at > 0; at--) {
            if (name[at] == '/') {
                return name.length - at - 1 <= NAME_MAX ? at : -1;
            }
        }
        return -1;
    }

    private static boolean timeFits(Instant time) {
        return time.getEpochSecond() >= 0 && time.getEpochSecond() <= OCTAL_11;
    }

    private static Map<String, byte[]> paxRecords(
            byte[] name, boolean longName, Attributes attributes, long sizeBytes, byte[] link) {
        Map<String, byte[]> records = new TreeMap<>();
        if (longName) {
            records.put("path", name);
        }
        if (link.length > NAME_MAX) {
            records.put("linkpath", link);
        }
        if (attributes.uid() > OCTAL_7) {
            records.put("uid", decimal(attributes.uid()));
        }
        if (attributes.gid() > OCTAL_7) {
            records.put("gid", decimal(attributes.gid()));
        }
        if (sizeBytes > OCTAL_11) {
            records.put("size", decimal(sizeBytes));
        }
        if (!timeFits(attributes.mtime()) || attributes.mtime().getNano() != 0) {
            records.put("mtime", PaxTime.format(attributes.mtime()).getBytes(StandardCharsets.US_ASCII));
        }
        attributes
                .xattrs()
                .forEach((attribute, value) -> records.put(
                        TarType.PAX_XATTR + attribute.replace("%", "%25").replace("=", "%3D"), value.shared()));
        return records;
    }

    private static byte[] decimal(long value) {
        return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] encode(Map<String, byte[]> records) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        records.forEach((key, value) -> {
            byte[] name = key.getBytes(StandardCharsets.UTF_8);
            int rest = 1 + name.length + 1 + value.length + 1;
            int length = rest + decimal(rest).length;
            length = rest + decimal(length).length; // One more digit may have made one more digit.
            bytes.writeBytes(decimal(length));
            bytes.write(' ');
            bytes.writeBytes(name);
            bytes.write('=');
            bytes.writeBytes(value);
            bytes.write('\n');
        });
        return bytes.toByteArray();
    }

    private void start(TarType type, byte[] name, int split) {
        System.arraycopy(ZEROS, 0, header, 0, BLOCK);
        if (split > 0) {
            System.arraycopy(name, 0, header, 345, split);
            System.arraycopy(name, split + 1, header, 0, name.length - split - 1);
        } else {
            System.arraycopy(name, 0, header, 0, Math.min(name.length, NAME_MAX));
        }
        number(108, 8, 0);
        number(116, 8, 0);
        header[156] = type.flag();
        byte[] magic = {'u', 's', 't', 'a', 'r', 0, '0', '0'};
        System.arraycopy(magic, 0, header, 257, magic.length);
        number(329, 8, 0);
        number(337, 8, 0);
    }

    private void number(int at, int width, long value) {
        long rest = value;
        for (int i = at + width - 2; i >= at; i--) {
            header[i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
        header[at + width - 1] = 0;
    }

    private void end() throws IOException {
        Arrays.fill(header, 148, 156, (byte) ' ');
        number(148, 7, TarHeader.sum(header));
        out.write(header, 0, BLOCK);
    }
}
