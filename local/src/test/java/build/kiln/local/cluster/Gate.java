package build.kiln.local.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Stands before a registry on a loopback port: shut, it answers everything with 503; open, it passes everything on.
final class Gate implements AutoCloseable {

    private static final byte[] SHUT =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket server;
    private final String host;
    private final int port;
    private volatile boolean isOpen;

    private Gate(String host, int port) {
        this.host = host;
        this.port = port;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /// @param registry host and port
    static Gate shutBefore(String registry) {
        int colon = registry.lastIndexOf(':');
        return new Gate(registry.substring(0, colon), Integer.parseInt(registry.substring(colon + 1)));
    }

    /// `127.0.0.1:port`.
    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    void open() {
        isOpen = true;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                // Closed.
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            if (!isOpen) {
                client.getInputStream().read(new byte[8192]);
                client.getOutputStream().write(SHUT);
                return;
            }
            try (Socket there = new Socket(host, port)) {
                Thread back = Thread.ofVirtual().start(() -> pass(there, client));
                pass(client, there);
                back.join();
            }
        } catch (IOException | InterruptedException e) {
            // Either side is gone; the other sees it.
        }
    }

    private static void pass(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // The same.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
