package build.kiln.builder.source.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SshAgentTest {

    private static final byte[] DATA = "what a server wants to be signed".getBytes(StandardCharsets.US_ASCII);
    private static final byte ADD_IDENTITY = 17;
    private static final byte REMOVE_ALL_IDENTITIES = 19;

    @TempDir
    private Path own;

    @ParameterizedTest
    @CsvSource({
        "ssh-ed25519, 256, 0, ssh-ed25519",
        "ecdsa-sha2-nistp256, 256, 0, ecdsa-sha2-nistp256",
        "ssh-rsa, 2048, 0, ssh-rsa",
        "ssh-rsa, 2048, 2, rsa-sha2-256",
        "ssh-rsa, 2048, 4, rsa-sha2-512"
    })
    void aSignatureIsOfTheKeyThatWasAskedFor(String type, int bits, int flags, String algorithm) throws Exception {
        KeyPair pair = KeyUtils.generateKeyPair(type, bits);
        SshAgent agent = KeyAgent.of(List.of(text(pair, ""))).orElseThrow();
        try (AgentSocket _ = agent.listen(own, "socket");
                SocketChannel client = connect("socket")) {
            Buffer answer = ask(client, signRequest(pair, flags));
            assertThat(answer.getByte()).isEqualTo(Messages.SIGN_RESPONSE);
            Buffer signature = new ByteArrayBuffer(answer.getBytes());
            assertThat(signature.getString()).isEqualTo(algorithm);
            Signature verifier = BuiltinSignatures.fromFactoryName(algorithm).create();
            verifier.initVerifier(null, pair.getPublic());
            verifier.update(null, DATA);
            assertThat(verifier.verify(null, signature.getBytes())).isTrue();
        }
    }

    @Test
    void keysAreListedAndNothingElseIsDone() throws Exception {
        KeyPair one = KeyUtils.generateKeyPair("ssh-ed25519", 256);
        KeyPair two = KeyUtils.generateKeyPair("ssh-ed25519", 256);
        KeyPair foreign = KeyUtils.generateKeyPair("ssh-ed25519", 256);
        SshAgent agent = KeyAgent.of(List.of(text(one, ""), text(two, ""))).orElseThrow();
        try (AgentSocket _ = agent.listen(own, "socket");
                SocketChannel client = connect("socket")) {
            Buffer list = ask(client, new byte[] {Messages.REQUEST_IDENTITIES});
            assertThat(list.getByte()).isEqualTo(Messages.IDENTITIES_ANSWER);
            assertThat(list.getUInt()).isEqualTo(2);
            assertThat(list.getBytes()).isEqualTo(blob(one));
            assertThat(list.getString()).isEqualTo("key 1");
            assertThat(list.getBytes()).isEqualTo(blob(two));
            for (byte[] request : List.of(
                    new byte[] {ADD_IDENTITY},
                    new byte[] {REMOVE_ALL_IDENTITIES},
                    new byte[] {Messages.SIGN_REQUEST, 0, 0, 1},
                    signRequest(foreign, 0))) {
                assertThat(ask(client, request).getByte()).isEqualTo(Messages.FAILURE);
            }
        }
    }

    @Test
    void aForwardedAgentIsOnlyAskedForKeysAndSignatures() throws Exception {
        KeyPair pair = KeyUtils.generateKeyPair("ssh-ed25519", 256);
        SshAgent outer = KeyAgent.of(List.of(text(pair, ""))).orElseThrow();
        try (AgentSocket _ = outer.listen(own, "outer");
                AgentSocket _ = new ForwardedAgent(own.resolve("outer")).listen(own, "inner");
                SocketChannel client = connect("inner")) {
            assertThat(ask(client, signRequest(pair, 0)).getByte()).isEqualTo(Messages.SIGN_RESPONSE);
            assertThat(ask(client, new byte[] {REMOVE_ALL_IDENTITIES}).getByte())
                    .isEqualTo(Messages.FAILURE);
            assertThat(ask(client, new byte[] {Messages.REQUEST_IDENTITIES}).getByte())
                    .isEqualTo(Messages.IDENTITIES_ANSWER);
        }
    }

    @Test
    void aMessageThatIsTooLongEndsTheConversation() throws Exception {
        SshAgent agent = KeyAgent.of(List.of()).orElseThrow();
        try (AgentSocket _ = agent.listen(own, "socket");
                SocketChannel client = connect("socket")) {
            client.write(ByteBuffer.allocate(4).putInt(Integer.MAX_VALUE).flip());
            assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    @Test
    void aClosedSocketEndsItsConversationsAndListensNoMore() throws Exception {
        SshAgent agent = KeyAgent.of(List.of()).orElseThrow();
        AgentSocket socket = agent.listen(own, "socket");
        try (SocketChannel client = connect("socket")) {
            ask(client, new byte[] {Messages.REQUEST_IDENTITIES});
            socket.close();
            assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThatThrownBy(() -> connect("socket")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aSocketMayLieDeeperThanItsAddressIsLong() throws Exception {
        Path deep = own;
        for (int i = 0; i < 10; i++) {
            deep = Files.createDirectory(deep.resolve("a-folder-with-a-long-name"));
        }
        try (AgentSocket _ = KeyAgent.of(List.of()).orElseThrow().listen(deep, "socket")) {
            assertThat(deep.resolve("socket")).exists();
        }
    }

    @Test
    void whatIsNoUsableKeyIsNoAgent() throws Exception {
        KeyPair pair = KeyUtils.generateKeyPair("ssh-ed25519", 256);
        assertThat(KeyAgent.of(List.of(text(pair, "passphrase")))).isEmpty();
        assertThat(KeyAgent.of(List.of("hello".getBytes(StandardCharsets.US_ASCII))))
                .isEmpty();
        assertThat(KeyAgent.of(List.of(text(pair, ""), new byte[0]))).isEmpty();
    }

    private SocketChannel connect(String name) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(own.resolve(name)));
    }

    private static Buffer ask(SocketChannel client, byte[] request) throws IOException {
        Messages.write(client, request);
        byte[] answer = Messages.read(client);
        assertThat(answer).isNotNull();
        return new ByteArrayBuffer(answer);
    }

    private static byte[] signRequest(KeyPair pair, int flags) {
        Buffer request = new ByteArrayBuffer();
        request.putByte(Messages.SIGN_REQUEST);
        request.putBytes(blob(pair));
        request.putBytes(DATA);
        request.putUInt(flags);
        return request.getCompactData();
    }

    private static byte[] blob(KeyPair pair) {
        Buffer blob = new ByteArrayBuffer();
        blob.putRawPublicKey(pair.getPublic());
        return blob.getCompactData();
    }

    private static byte[] text(KeyPair pair, String passphrase) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OpenSSHKeyEncryptionContext encryption = null;
        if (!passphrase.isEmpty()) {
            encryption = new OpenSSHKeyEncryptionContext();
            encryption.setPassword(passphrase);
            encryption.setCipherType("256");
        }
        OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "test", encryption, out);
        return out.toByteArray();
    }
}
