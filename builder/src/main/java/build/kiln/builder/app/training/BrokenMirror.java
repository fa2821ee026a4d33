package build.kiln.builder.app.training;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A mirror that says 400 to whatever comes, as a server of TLS does to plain HTTP: so TLS is tried with it, with all
/// the
/// certificates that this machine trusts, in vain; and the registry itself is asked.
final class BrokenMirror implements AutoCloseable {

    private static final byte[] ANSWER = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);

    private static final int MOST_OF_A_REQUEST = 16 << 10;

    private final ServerSocket server;

    private BrokenMirror(ServerSocket server) {
        this.server = server;
    }

    static BrokenMirror start() throws IOException {
        BrokenMirror mirror = new BrokenMirror(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().start(mirror::answerAll);
        return mirror;
    }

    /// Host and port.
    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void answerAll() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept();
                    OutputStream out = socket.getOutputStream()) {
                // What comes in one piece is read, or the answer could be lost with the connection.
                if (socket.getInputStream().read(new byte[MOST_OF_A_REQUEST]) > 0) {
                    out.write(ANSWER);
                }
            } catch (IOException e) {
                // Who asked has hung up, or the training is over.
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
