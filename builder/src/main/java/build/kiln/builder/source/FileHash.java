package build.kiln.builder.source;

import build.kiln.builder.linux.Sha256;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.source.BuildContext.Owners;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;

/// Puts files into one hash, so that no two different lists of files give the same bytes.
final class FileHash {

    private static final int PENDING_BYTES = 16 << 10;

    private final Owners owners;
    private final MessageDigest hash = Sha256.newHash();

    /// What is to be hashed next: a file is a few numbers and names, each too short for a call of its own.
    private final ByteBuffer pending = ByteBuffer.allocate(PENDING_BYTES);

    /// The first path of each file with several names, of the current source: further ones are links to it in the
    /// layer.
    private final Map<FileIdentity, byte[]> named = new HashMap<>();

    FileHash(Owners owners) {
        this.owners = owners;
    }

    void file(ContextFile file, FileDigests.Read read) throws IOException {
        ContentDigest content = read.content();
        one(letter(file.kind()));
        bytes(file.pathBytes());
        switch (file.kind()) {
            case FILE -> {
                number(file.mode());
                if (content != null) {
                    add(content.bytes());
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
            one('x');
            bytes(attribute.getKey().getBytes(StandardCharsets.UTF_8));
            bytes(attribute.getValue());
        }
    }

    private void name(ContextFile file) {
        byte[] first = file.names() > 1 ? named.putIfAbsent(file.identity(), file.pathBytes()) : null;
        if (first != null) {
            one('h');
            bytes(first);
        }
    }

    void end() {
        named.clear();
        one('.');
    }

    void bytes(byte[] bytes) {
        number(bytes.length);
        add(bytes);
    }

    Digest digest() {
        hashPending();
        return Digest.finish(hash);
    }

    private void one(char letter) {
        room(1).put((byte) letter);
    }

    private void number(long value) {
        room(Long.BYTES).putLong(value);
    }

    private void add(byte[] bytes) {
        if (bytes.length > PENDING_BYTES) {
            hashPending();
            hash.update(bytes);
        } else {
            room(bytes.length).put(bytes);
        }
    }

    private ByteBuffer room(int bytes) {
        if (pending.remaining() < bytes) {
            hashPending();
        }
        return pending;
    }

    private void hashPending() {
        hash.update(pending.array(), 0, pending.position());
        pending.clear();
    }

    private static char letter(FileKind kind) {
        return switch (kind) {
            case FILE -> 'f';
            case DIRECTORY -> 'd';
            case SYMLINK -> 'l';
            case FIFO -> 'p';
            case CHARACTER_DEVICE -> 'c';
            case BLOCK_DEVICE -> 'b';
        };
    }
}
