package build.kiln.builder.layer;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// What a file has besides its content.
///
/// @param mode permissions with setuid, setgid and sticky: 07777
/// @param xattrs by full name (`user.note`, `security.capability`), in the order of the names
public record Attributes(int mode, long uid, long gid, Instant mtime, Map<String, Bytes> xattrs) {

    public Attributes {
        mode &= 07777;
        xattrs = xattrs.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(xattrs));
    }

    public Attributes(int mode, long uid, long gid, Instant mtime) {
        this(mode, uid, gid, mtime, Map.of());
    }

    public Attributes withMode(int other) {
        return new Attributes(other, uid, gid, mtime, xattrs);
    }

    public Attributes withOwner(long otherUid, long otherGid) {
        return new Attributes(mode, otherUid, otherGid, mtime, xattrs);
    }

    public Attributes withMtime(Instant other) {
        return new Attributes(mode, uid, gid, other, xattrs);
    }
}
