package build.kiln.builder.source.ssh;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// Asks an agent of the machine's, of which it passes on nothing but the list of keys and signatures.
///
/// @param socket where that agent listens
public record ForwardedAgent(Path socket) implements SshAgent {

    @Override
    public Conversation open() throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        return new Conversation() {
            @Override
            public byte[] answer(byte[] request) throws IOException {
                if (request[0] != Messages.REQUEST_IDENTITIES && request[0] != Messages.SIGN_REQUEST) {
                    return Messages.failure();
                }
                Messages.write(channel, request);
                byte[] answer = Messages.read(channel);
                if (answer == null) {
                    throw new EOFException("the agent at " + socket + " ended the connection");
                }
                return answer;
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
