package build.kiln.e2e.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// An empty registry without TLS: says 200 to everything, and hangs up on whoever begins with a handshake.
final class PlainRegistry implements AutoCloseable {

    private static final int TLS_HANDSHAKE = 0x16;

    private final ServerSocket socket;

    private PlainRegistry(ServerSocket socket) {
        this.socket = socket;
    }

    static PlainRegistry start() throws IOException {
        PlainRegistry registry = new PlainRegistry(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().start(registry::serve);
        return registry;
    }

    String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket connection = socket.accept();
                    InputStream in = connection.getInputStream()) {
                if (in.read() != TLS_HANDSHAKE) {
                    connection
                            .getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
