package build.kiln.builder.source;

import build.kiln.builder.linux.Sha256;
import build.kiln.builder.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The files of a context that a build has read, noted while they are read for its keys.
public final class ReadFiles {

    /// By their real path below the context's root.
    private final Map<Path, ContentDigest> files = new ConcurrentHashMap<>();

    void add(ContextFile file, @Nullable ContentDigest content) {
        if (file.kind() == FileKind.FILE && content != null) {
            files.put(file.rootPath(), content);
        }
    }

    /// Their `dirHash`: the sha256 of what `sha256sum` prints of them, in byte order of their paths. Modes, links and
    /// directories are not part of it. Empty if no file was read.
    ///
    /// @see <a href="https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/digest_set.md#dirhash">in-toto
    /// attestation 1.1, dirHash</a>
    public Optional<Digest> dirHash() {
        if (files.isEmpty()) {
            return Optional.empty();
        }
        MessageDigest hash = Sha256.newHash();
        new TreeMap<>(files).forEach((path, content) -> {
            byte[] name = PathBytes.of(path);
            byte[] shown = escaped(name);
            String start =
                    (shown.length > name.length ? "\\" : "") + HexFormat.of().formatHex(content.bytes()) + "  ";
            hash.update(start.getBytes(StandardCharsets.US_ASCII));
            hash.update(shown);
            hash.update((byte) '\n');
        });
        return Optional.of(Digest.finish(hash));
    }

    /// As `sha256sum` writes names, so that no name can be taken for a further line.
    private static byte[] escaped(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1)
                .replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
