package build.kiln.bench.image;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// The files of layer upon layer.
final class LayeredFiles {

    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    private final TreeMap<String, String> entries = new TreeMap<>();

    SortedMap<String, String> entries() {
        return entries;
    }

    /// Puts a layer over what is there.
    void apply(InputStream content) throws IOException {
        TarArchiveInputStream tar = new TarArchiveInputStream(content, "UTF-8");
        Map<String, String> own = new HashMap<>();
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            String path = cleaned(entry.getName());
            String name = path.substring(path.lastIndexOf('/') + 1);
            if (name.equals(OPAQUE)) {
                remove(path.substring(0, Math.max(0, path.lastIndexOf('/'))), false);
            } else if (name.startsWith(WHITEOUT)) {
                remove(path.substring(0, path.length() - name.length()) + name.substring(WHITEOUT.length()), true);
            } else if (!path.isEmpty()) {
                own.put(path, described(entry, tar, own));
            }
        }
        own.forEach((path, description) -> {
            if (!description.startsWith("directory")) {
                remove(path, true);
            }
        });
        entries.putAll(own);
    }

    private void remove(String path, boolean itself) {
        entries.subMap(path + "/", path + "0").clear();
        if (itself) {
            entries.remove(path);
        }
    }

    private String described(TarArchiveEntry entry, InputStream content, Map<String, String> own) throws IOException {
        String owner = " " + entry.getLongUserId() + ":" + entry.getLongGroupId();
        String mode = " 0" + Integer.toOctalString(entry.getMode() & 07777);
        if (entry.isDirectory()) {
            return "directory" + mode + owner;
        }
        if (entry.isSymbolicLink()) {
            return "link to " + entry.getLinkName() + owner;
        }
        if (entry.isLink()) {
            String target = cleaned(entry.getLinkName());
            return own.getOrDefault(target, entries.getOrDefault(target, "link to nothing"));
        }
        if (!entry.isFile()) {
            return "special" + mode + owner;
        }
        return "file" + mode + owner + " " + entry.getSize() + " bytes " + sha256(content);
    }

    private static String sha256(InputStream content) throws IOException {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                hash.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(hash.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String cleaned(String name) {
        String path = name;
        while (path.startsWith("./") || path.startsWith("/")) {
            path = path.substring(path.indexOf('/') + 1);
        }
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return path.equals(".") ? "" : path;
    }
}
