package build.kiln.bench.faults;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/// Between an operator and its API server, on sockets of its own: passes requests on, or does to them what networks and
/// API servers do.
///
/// Each connection of the client has one to the server. Requests are read, so that they can be answered in the server's
/// place; answers are passed on as they come.
final class FaultyProxy implements AutoCloseable {

    /// What happens to a request.
    sealed interface Fate {

        record Passes() implements Fate {}

        /// The server never sees it.
        record IsAnswered(int code, String reason) implements Fate {}

        /// The server does what it says, and nobody hears of it.
        record LosesItsAnswer() implements Fate {}

        Fate PASSES = new Passes();
    }

    /// @param path with its query
    record Request(String method, String path) {

        boolean isWatch() {
            return path.contains("watch=true");
        }

        boolean isWrite() {
            return !method.equals("GET");
        }

        boolean isOfLease() {
            return path.contains("/leases");
        }
    }

    /// A write that the server has answered.
    record Write(Request request, int code, long atNanos) {}

    private final URI server;
    private final ServerSocket socket;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final List<Write> writes = new CopyOnWriteArrayList<>();
    private final Map<String, Integer> faults = new ConcurrentSkipListMap<>();
    private final Gate gate = new Gate();
    private volatile Function<Request, Fate> fates = request -> Fate.PASSES;
    private volatile boolean isCut;

    private FaultyProxy(URI server, ServerSocket socket) {
        this.server = server;
        this.socket = socket;
    }

    static FaultyProxy start(URI server) throws IOException {
        FaultyProxy proxy = new FaultyProxy(server, new ServerSocket(0, 512, InetAddress.getLoopbackAddress()));
        proxy.threads.execute(proxy::accept);
        return proxy;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    void decide(Function<Request, Fate> newFates) {
        fates = newFates;
    }

    /// Ends all watches and logs in the middle of what they say.
    void dropStreams() {
        for (Connection each : connections) {
            if (each.isStream) {
                each.close();
                faults.merge("a stream was dropped", 1, Integer::sum);
            }
        }
    }

    /// Puts something that nobody understands into all watches and logs, and ends them.
    void garbleStreams() {
        for (Connection each : connections) {
            if (each.isStream) {
                each.garble();
                faults.merge("a stream was garbled", 1, Integer::sum);
            }
        }
    }

    /// What was done to requests and streams so far, and how often.
    Map<String, Integer> faults() {
        return new TreeMap<>(faults);
    }

    /// Nothing gets through any more, in neither direction; connections stay.
    void pause() {
        gate.close();
    }

    void goOn() {
        gate.open();
    }

    /// Ends all connections, and takes no new ones.
    void cut() {
        isCut = true;
        connections.forEach(Connection::close);
    }

    void mend() {
        isCut = false;
    }

    /// The writes that the server has answered so far, in their order.
    List<Write> writes() {
        return List.copyOf(writes);
    }

    @Override
    public void close() throws IOException {
        socket.close();
        cut();
        threads.shutdownNow();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                if (isCut) {
                    client.close();
                } else {
                    Connection connection = new Connection(client);
                    connections.add(connection);
                    threads.execute(connection::serve);
                }
            } catch (IOException e) {
                // It is closed, and the loop ends.
            }
        }
    }

    private final class Connection {
        private final Socket client;
        private final Socket upstream = new Socket();
        private volatile boolean isStream;
        private volatile boolean losesAnswer;
        private volatile Request asked = new Request("GET", "");

        Connection(Socket client) {
            this.client = client;
        }

        void close() {
            connections.remove(this);
            for (Socket each : List.of(client, upstream)) {
                try {
                    each.close();
                } catch (IOException e) {
                    // It is gone either way.
                }
            }
        }

        void garble() {
            try {
                client.getOutputStream().write("\0{]\r\nno chunk\n".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // It is gone already.
            }
            close();
        }

        /// Reads request after request.
        void serve() {
            try {
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                InputStream in = new BufferedInputStream(client.getInputStream());
                upstream.connect(new java.net.InetSocketAddress(server.getHost(), server.getPort()));
                threads.execute(this::answer);
                while (true) {
                    byte[] head = head(in);
                    String text = new String(head, StandardCharsets.ISO_8859_1);
                    byte[] body = body(in, text);
                    String[] line = text.substring(0, text.indexOf('\r')).split(" ");
                    Request request = new Request(line[0], line[1]);
                    gate.pass();
                    Fate fate = fates.apply(request);
                    if (fate instanceof Fate.IsAnswered(int code, String reason)) {
                        faults.merge("was answered " + code, 1, Integer::sum);
                        refuse(code, reason);
                        continue;
                    }
                    losesAnswer = fate instanceof Fate.LosesItsAnswer;
                    asked = request;
                    isStream = request.isWatch() || request.path().contains("follow=true");
                    upstream.getOutputStream().write(head);
                    upstream.getOutputStream().write(body);
                }
            } catch (IOException | InterruptedException e) {
                close();
            }
        }

        private void refuse(int code, String reason) throws IOException {
            String status =
                    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\",\"code\":" + code
                            + ",\"reason\":\"" + reason + "\",\"message\":\"made up by the test\"}";
            OutputStream out = client.getOutputStream();
            out.write(("HTTP/1.1 " + code + " " + reason + "\r\nContent-Type: application/json\r\nContent-Length: "
                            + status.length() + (code == 429 ? "\r\nRetry-After: 1" : "") + "\r\n\r\n" + status)
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }

        /// Passes on what the server says.
        void answer() {
            try {
                InputStream in = upstream.getInputStream();
                OutputStream out = client.getOutputStream();
                byte[] buffer = new byte[1 << 16];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    note(buffer, n);
                    if (losesAnswer) {
                        faults.merge("lost its answer", 1, Integer::sum);
                        break;
                    }
                    gate.pass();
                    out.write(buffer, 0, n);
                    out.flush();
                }
            } catch (IOException | InterruptedException e) {
                // The connection ends, below.
            }
            close();
        }

        private void note(byte[] buffer, int length) {
            String start = new String(buffer, 0, Math.min(length, 12), StandardCharsets.ISO_8859_1);
            if (start.startsWith("HTTP/1.1 ") && asked.isWrite()) {
                writes.add(new Write(asked, Integer.parseInt(start.substring(9, 12)), System.nanoTime()));
            }
        }
    }

    private static byte[] head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int end = 0;
        while (end < 4) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("The client is gone.");
            }
            head.write(b);
            end = b == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : b == '\r' ? 1 : 0;
        }
        return head.toByteArray();
    }

    private static byte[] body(InputStream in, String head) throws IOException {
        for (String header : head.toLowerCase(Locale.ROOT).split("\r\n")) {
            if (header.startsWith("content-length:")) {
                return in.readNBytes(Integer.parseInt(header.substring(15).strip()));
            }
            if (header.startsWith("transfer-encoding:")) {
                throw new IOException("The operator's client sends no bodies in chunks.");
            }
        }
        return new byte[0];
    }

    /// What stands in the way while the network is paused.
    private static final class Gate {
        private boolean isClosed;

        synchronized void close() {
            isClosed = true;
        }

        synchronized void open() {
            isClosed = false;
            notifyAll();
        }

        synchronized void pass() throws InterruptedException {
            while (isClosed) {
                wait();
            }
        }
    }
}
