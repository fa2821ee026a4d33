package build.kiln.builder.source.ssh;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// The agent protocol's messages on a socket: a length, then a type and what belongs to it.
final class Messages {

    static final byte FAILURE = 5;
    static final byte REQUEST_IDENTITIES = 11;
    static final byte IDENTITIES_ANSWER = 12;
    static final byte SIGN_REQUEST = 13;
    static final byte SIGN_RESPONSE = 14;

    /// What OpenSSH allows.
    private static final int MAX_BYTES = 256 * 1024;

    private Messages() {}

    static byte[] failure() {
        return new byte[] {FAILURE};
    }

    /// The next message; null at the end.
    static byte @Nullable [] read(SocketChannel channel) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(4);
        if (channel.read(length) < 0) {
            return null;
        }
        fill(channel, length);
        int size = length.flip().getInt();
        if (size <= 0 || size > MAX_BYTES) {
            throw new IOException("a message of " + Integer.toUnsignedLong(size) + " bytes");
        }
        ByteBuffer message = ByteBuffer.allocate(size);
        fill(channel, message);
        return message.array();
    }

    static void write(SocketChannel channel, byte[] message) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(4 + message.length);
        all.putInt(message.length).put(message).flip();
        while (all.hasRemaining()) {
            channel.write(all);
        }
    }

    private static void fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the connection ended within a message");
            }
        }
    }
}
