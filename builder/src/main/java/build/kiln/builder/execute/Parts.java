package build.kiln.builder.execute;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The names in a path of bytes.
final class Parts {

    private Parts() {}

    /// All names but `.` and empty ones.
    static List<byte[]> of(byte[] path) {
        List<byte[]> parts = new ArrayList<>();
        int start = 0;
        for (int at = 0; at <= path.length; at++) {
            if (at == path.length || path[at] == '/') {
                boolean dot = at - start == 1 && path[start] == '.';
                if (at > start && !dot) {
                    parts.add(Arrays.copyOfRange(path, start, at));
                }
                start = at + 1;
            }
        }
        return parts;
    }

    static boolean isParent(byte[] name) {
        return name.length == 2 && name[0] == '.' && name[1] == '.';
    }

    static boolean isAbsolute(byte[] path) {
        return path.length > 0 && path[0] == '/';
    }
}
