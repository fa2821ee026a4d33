package build.kiln.builder.layer;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a PAX header says about the entry that follows it.
final class PaxRecords {

    /// Nothing said.
    static final PaxRecords NONE = new PaxRecords(Map.of(), Map.of());

    private static final String SPARSE = "GNU.sparse.";

    private final Map<String, byte[]> records;
    private final Map<String, Bytes> xattrs;

    private PaxRecords(Map<String, byte[]> records, Map<String, Bytes> xattrs) {
        this.records = records;
        this.xattrs = xattrs;
    }

    /// @throws InvalidLayer if they are not well-formed, or describe a sparse file
    static PaxRecords parse(byte[] content) throws InvalidLayer {
        Map<String, byte[]> records = new HashMap<>();
        Map<String, Bytes> xattrs = new TreeMap<>();
        int at = 0;
        while (at < content.length) {
            int space = at;
            int length = 0;
            while (space < content.length && content[space] >= '0' && content[space] <= '9' && length < 1 << 24) {
                length = length * 10 + content[space++] - '0';
            }
            int end = at + length;
            int equals = space;
            while (equals < content.length && content[equals] != '=') {
                equals++;
            }
            boolean sound = space > at
                    && space < content.length
                    && content[space] == ' '
                    && end <= content.length
                    && equals < end
                    && equals > space + 1
                    && content[end - 1] == '\n';
            if (!sound) {
                throw new InvalidLayer("The tar is damaged: a PAX header has a record that is not well-formed.");
            }
            String key = new String(content, space + 1, equals - space - 1, StandardCharsets.UTF_8);
            byte[] value = Arrays.copyOfRange(content, equals + 1, end - 1);
            if (key.startsWith(SPARSE)) {
                throw new InvalidLayer("The tar has a sparse file (" + key + "), which an image layer must not have.");
            }
            if (key.startsWith(TarType.PAX_XATTR)) {
                String attribute = key.substring(TarType.PAX_XATTR.length());
                xattrs.put(attribute.replace("%3D", "=").replace("%25", "%"), Bytes.owning(value));
            } else {
                records.put(key, value);
            }
            at = end;
        }
        return new PaxRecords(records, xattrs);
    }

    byte[] path(byte[] otherwise) {
        return text("path", otherwise);
    }

    byte[] linkPath(byte[] otherwise) {
        return text("linkpath", otherwise);
    }

    private byte[] text(String key, byte[] otherwise) {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? otherwise : value;
    }

    long number(String key, long otherwise) throws InvalidLayer {
        String value = value(key);
        if (value == null) {
            return otherwise;
        }
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new InvalidLayer("The tar is damaged: a PAX header's " + key + " is no number.", e);
        }
    }

    Instant mtime(long otherwise) throws InvalidLayer {
        String value = value("mtime");
        try {
            return value == null ? Instant.ofEpochSecond(otherwise) : PaxTime.parse(value);
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            throw new InvalidLayer("The tar is damaged: an entry's time of change is none.", e);
        }
    }

    private @Nullable String value(String key) {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? null : new String(value, StandardCharsets.ISO_8859_1);
    }

    Map<String, Bytes> xattrs() {
        return xattrs;
    }
}
