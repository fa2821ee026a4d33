package build.kiln.builder.source.git;

import build.kiln.builder.source.ssh.SshAgent;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;
import org.eclipse.jgit.transport.sshd.agent.Connector;
import org.eclipse.jgit.transport.sshd.agent.ConnectorFactory;
import org.jspecify.annotations.Nullable;

/// Makes SSH sessions that know one agent and one set of host keys, and nothing else of this machine's user.
final class SshSessions {

    private SshSessions() {}

    static SshdSessionFactory open(SshAgent agent, HostKeys hostKeys, Path work) {
        return new SshdSessionFactoryBuilder()
                .setPreferredAuthentications("publickey")
                .setHomeDirectory(work.toFile())
                .setSshDirectory(work.resolve("ssh").toFile())
                .setConfigStoreFactory((home, config, user) -> null)
                .setDefaultIdentities(folder -> List.of())
                .setDefaultKeysProvider(folder -> List.of())
                .setServerKeyDatabase((home, folder) -> hostKeys)
                .setConnectorFactory(new ToAgent(agent))
                .build(null);
    }

    /// Leads every session to the one agent.
    private record ToAgent(SshAgent agent) implements ConnectorFactory {

        @Override
        public Connector create(@Nullable String socket, @Nullable File home) {
            return new OneConversation(agent);
        }

        @Override
        public boolean isSupported() {
            return true;
        }

        @Override
        public String getName() {
            return "kiln";
        }

        @Override
        public Collection<ConnectorDescriptor> getSupportedConnectors() {
            return List.of();
        }

        @Override
        public @Nullable ConnectorDescriptor getDefaultConnector() {
            return null;
        }
    }

    private static final class OneConversation implements Connector {

        /// Room that jgit leaves in front of a message, for its length and its type.
        private static final int ROOM_BYTES = 5;

        private final SshAgent agent;
        private SshAgent.@Nullable Conversation conversation;

        private OneConversation(SshAgent agent) {
            this.agent = agent;
        }

        @Override
        public boolean connect() throws IOException {
            opened();
            return true;
        }

        private SshAgent.Conversation opened() throws IOException {
            SshAgent.Conversation now = conversation;
            if (now == null) {
                try {
                    now = agent.open();
                } catch (IOException e) {
                    // Without the cause, which would be taken for one of the connection to the host.
                    throw new IOException("the SSH agent does not answer: " + e);
                }
                conversation = now;
            }
            return now;
        }

        @Override
        public byte[] rpc(byte type, byte[] message) throws IOException {
            byte[] request = Arrays.copyOfRange(message, ROOM_BYTES - 1, message.length);
            request[0] = type;
            return opened().answer(request);
        }

        @Override
        public void close() throws IOException {
            SshAgent.Conversation now = conversation;
            if (now != null) {
                now.close();
            }
        }
    }
}
