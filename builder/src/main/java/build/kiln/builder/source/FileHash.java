package build.kiln.builder.source;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.BuildContext.Owners;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/// Puts files into one hash, so that no two different lists of files give the same bytes.
final class FileHash {

    private final Owners owners;
    private final MessageDigest hash = Digest.sha256();

    /// The first path of each file with several names, of the current source: further ones are links to it in the
    /// layer.
    private final Map<FileIdentity, byte[]> named = new HashMap<>();

    FileHash(Owners owners) {
        this.owners = owners;
    }

    void file(ContextFile file, FileDigests.Read read) throws IOException {
        Digest content = read.content();
        hash.update(letter(file.kind()));
        bytes(file.pathBytes());
        switch (file.kind()) {
            case FILE -> {
                number(file.mode());
                if (content != null) {
                    hash.update(HexFormat.of().parseHex(content.hex()));
                }
                name(file);
            }
            case SYMLINK -> bytes(file.linkTargetBytes()); // its mode says nothing
            case DIRECTORY, FIFO -> number(file.mode());
            case CHARACTER_DEVICE, BLOCK_DEVICE -> {
                number(file.mode());
                number(file.rdev());
            }
        }
        if (owners == Owners.KEPT) {
            number(file.uid());
            number(file.gid());
        }
        for (Map.Entry<String, byte[]> attribute : read.attributes().entrySet()) {
            hash.update((byte) 'x');
            bytes(attribute.getKey().getBytes(StandardCharsets.UTF_8));
            bytes(attribute.getValue());
        }
    }

    private void name(ContextFile file) {
        byte[] first = file.names() > 1 ? named.putIfAbsent(file.identity(), file.pathBytes()) : null;
        if (first != null) {
            hash.update((byte) 'h');
            bytes(first);
        }
    }

    void end() {
        named.clear();
        hash.update((byte) '.');
    }

    void bytes(byte[] bytes) {
        number(bytes.length);
        hash.update(bytes);
    }

    Digest digest() {
        return Digest.finish(hash);
    }

    private void number(long value) {
        hash.update(ByteBuffer.allocate(Long.BYTES).putLong(value).flip());
    }

    private static byte letter(FileKind kind) {
        return (byte)
                switch (kind) {
                    case FILE -> 'f';
                    case DIRECTORY -> 'd';
                    case SYMLINK -> 'l';
                    case FIFO -> 'p';
                    case CHARACTER_DEVICE -> 'c';
                    case BLOCK_DEVICE -> 'b';
                };
    }
}
