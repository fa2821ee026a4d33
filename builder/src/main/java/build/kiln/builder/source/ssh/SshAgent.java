package build.kiln.builder.source.ssh;

import java.io.IOException;
import java.nio.file.Path;

/// Signs with private keys that whoever asks never sees. Of the agent protocol it knows two requests, for the list of
/// keys and for a signature; every other one (to add, remove or lock keys) is refused.
///
/// @see <a href="https://datatracker.ietf.org/doc/html/draft-ietf-sshm-ssh-agent">SSH Agent Protocol</a>
public sealed interface SshAgent permits ForwardedAgent, KeyAgent {

    /// What one client is answered.
    interface Conversation extends AutoCloseable {

        /// @param request a message without its length
        /// @return the answer without its length
        /// @throws IOException if there will be no answer any more
        byte[] answer(byte[] request) throws IOException;

        @Override
        void close() throws IOException;
    }

    Conversation open() throws IOException;

    /// Listens until the socket is closed.
    ///
    /// @param name of the socket in the folder, which must not exist; its mode and owner are the caller's to set
    default AgentSocket listen(Path folder, String name) throws IOException {
        return AgentSocket.open(folder, name, this);
    }
}
