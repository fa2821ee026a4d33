package build.kiln.builder.execute;

import build.kiln.builder.layer.Bytes;
import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.SystemCallFailure;
import build.kiln.builder.source.ContextFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// The extended attributes of a file that is copied.
final class ExtendedAttributes {

    private ExtendedAttributes() {}

    /// All that belong to the file itself, and none of an overlay's own.
    static Map<String, Bytes> of(ContextFile file) throws SystemCallFailure {
        Path location = file.location();
        Path folder = location.getParent();
        if (folder == null || location.getFileName() == null) {
            return Map.of();
        }
        byte[] name = Parts.of(NativePath.of(location)).getLast();
        try (Directory directory = Directory.open(folder)) {
            Map<String, Bytes> all = new TreeMap<>();
            for (String attribute : directory.xattrs(name)) {
                if (isContent(attribute)) {
                    directory.xattr(name, attribute).ifPresent(value -> all.put(attribute, Bytes.of(value)));
                }
            }
            return all;
        }
    }

    private static boolean isContent(String attribute) {
        return attribute.startsWith("user.") && !attribute.startsWith("user.overlay.")
                || attribute.equals("security.capability");
    }
}
