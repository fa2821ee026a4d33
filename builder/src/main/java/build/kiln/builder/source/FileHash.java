package build.kiln.builder.source;

import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.BuildContext.Owners;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;

/// Puts files into one hash, so that no two different lists of files give the same bytes.
final class FileHash {

    private final Owners owners;
    private final MessageDigest hash = Digest.sha256();

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

    void end() {
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
