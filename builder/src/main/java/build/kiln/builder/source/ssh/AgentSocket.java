package build.kiln.builder.source.ssh;

import build.kiln.builder.linux.Directory;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A socket at which an agent listens. When it is closed, so are all conversations.
public final class AgentSocket implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AgentSocket.class);

    /// A RUN must not use up the builder's descriptors.
    private static final int MAX_CLIENTS = 64;

    private final ServerSocketChannel server;
    private final SshAgent agent;
    private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();

    private AgentSocket(ServerSocketChannel server, SshAgent agent) {
        this.server = server;
        this.agent = agent;
    }

    static AgentSocket open(Path folder, String name, SshAgent agent) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        // The kernel takes only 107 bytes: the folder by its descriptor.
        try (Directory directory = Directory.open(folder)) {
            server.bind(UnixDomainSocketAddress.of("/proc/self/fd/" + directory.number() + "/" + name));
        } catch (IOException e) {
            server.close();
            throw e;
        }
        AgentSocket socket = new AgentSocket(server, agent);
        Thread.ofVirtual().name("ssh-agent").start(socket::acceptAll);
        return socket;
    }

    private void acceptAll() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                if (clients.size() >= MAX_CLIENTS) {
                    client.close();
                    continue;
                }
                clients.add(client);
                Thread.ofVirtual().name("ssh-agent-client").start(() -> serve(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client;
                SshAgent.Conversation conversation = agent.open()) {
            for (byte[] request = Messages.read(client); request != null; request = Messages.read(client)) {
                Messages.write(client, conversation.answer(request));
            }
        } catch (IOException e) {
            LOG.debug("A conversation of the SSH agent broke off: {}", e.toString());
        } finally {
            clients.remove(client);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel client : clients) {
            client.close();
        }
    }
}
