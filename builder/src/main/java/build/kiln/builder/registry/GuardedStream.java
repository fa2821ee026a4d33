package build.kiln.builder.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/// A response's body that does not wait for its next byte for ever.
///
/// The JDK's client limits the time until the headers only. A virtual thread watches each body, and closes it under a
/// read that lasts longer than the limit; time in which nobody reads does not count.
final class GuardedStream extends InputStream {

    private final InputStream body;
    private final Duration idle;
    private final Thread watcher;
    private volatile long readingSince;
    private volatile boolean stalled;

    GuardedStream(InputStream body, Duration idle) {
        this.body = body;
        this.idle = idle;
        this.watcher = Thread.ofVirtual().name("registry-body-watch").start(this::watch);
    }

    private void watch() {
        try {
            while (true) {
                long since = readingSince;
                long waited = since == 0 ? 0 : System.nanoTime() - since;
                if (waited >= idle.toNanos()) {
                    stalled = true;
                    body.close();
                    return;
                }
                Thread.sleep(Duration.ofNanos(idle.toNanos() - waited));
            }
        } catch (InterruptedException | IOException e) {
            // Closed, or cannot be closed: there is nothing left to watch.
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        readingSince = System.nanoTime() | 1;
        try {
            int count = body.read(into, offset, length);
            if (stalled) {
                throw stall();
            }
            return count;
        } catch (IOException e) {
            throw stalled ? stall() : e;
        } finally {
            readingSince = 0;
        }
    }

    private IOException stall() {
        return new HttpTimeoutException("no byte came for " + Words.seconds(idle));
    }

    @Override
    public void close() throws IOException {
        watcher.interrupt();
        body.close();
    }
}
