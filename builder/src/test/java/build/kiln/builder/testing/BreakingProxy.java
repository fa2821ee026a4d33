package build.kiln.builder.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/// Stands between client and server on a loopback port, and resets a connection when a certain number of bytes has
/// passed, in whichever direction.
public final class BreakingProxy implements AutoCloseable {

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final AtomicLong passed = new AtomicLong();
    private volatile long breakAt = Long.MAX_VALUE;

    private BreakingProxy(InetSocketAddress target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /// @param host `127.0.0.1:port`
    public static BreakingProxy before(String host) {
        int colon = host.indexOf(':');
        return new BreakingProxy(
                new InetSocketAddress(host.substring(0, colon), Integer.parseInt(host.substring(colon + 1))));
    }

    /// `127.0.0.1:port`.
    public String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /// Resets one connection when this many further bytes have passed.
    public void breakAfter(long bytes) {
        breakAt = passed.get() + bytes;
    }

    /// All bytes so far, in both directions.
    public long passedBytes() {
        return passed.get();
    }

    /// Whether the break that was ordered last has come.
    public boolean broke() {
        return breakAt == Long.MAX_VALUE;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket there = new Socket(target.getAddress(), target.getPort());
                Thread.ofVirtual().start(() -> pass(client, there));
                Thread.ofVirtual().start(() -> pass(there, client));
            } catch (IOException e) {
                // The proxy is closed, or the target gone; the client sees it.
            }
        }
    }

    private void pass(Socket from, Socket to) {
        byte[] buffer = new byte[4096];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (passed.addAndGet(count) >= breakAt) {
                    breakAt = Long.MAX_VALUE;
                    from.setSoLinger(true, 0);
                    to.setSoLinger(true, 0);
                    return;
                }
                to.getOutputStream().write(buffer, 0, count);
            }
        } catch (IOException e) {
            // Either side is gone, and so are both.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
