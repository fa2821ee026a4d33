package build.kiln.builder.source;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.OpenFile;
import build.kiln.builder.linux.SystemCallFailure;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// The extended attributes of a file that are part of what a COPY reads.
final class ExtendedAttributes {

    private ExtendedAttributes() {}

    /// All that belong to the file itself, and none of an overlay's own, in the order of their names.
    static Map<String, byte[]> of(ContextFile file) throws SystemCallFailure {
        Path folder = file.location().getParent();
        if (folder == null) {
            return Map.of();
        }
        byte[] name = PathBytes.of(file.location().getFileName());
        try (Directory directory = Directory.open(folder)) {
            Map<String, byte[]> all = new TreeMap<>();
            for (String attribute : directory.xattrs(name)) {
                if (isContent(attribute)) {
                    directory.xattr(name, attribute).ifPresent(value -> all.put(attribute, value));
                }
            }
            return all;
        }
    }

    /// The same of a file that is open.
    static Map<String, byte[]> of(OpenFile file) throws SystemCallFailure {
        Map<String, byte[]> all = new TreeMap<>();
        for (String attribute : file.xattrs()) {
            if (isContent(attribute)) {
                file.xattr(attribute).ifPresent(value -> all.put(attribute, value));
            }
        }
        return all;
    }

    private static boolean isContent(String attribute) {
        return attribute.startsWith("user.") && !attribute.startsWith("user.overlay.")
                || attribute.equals("security.capability");
    }
}
