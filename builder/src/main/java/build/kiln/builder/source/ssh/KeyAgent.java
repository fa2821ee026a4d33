package build.kiln.builder.source.ssh;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.common.util.security.SecurityUtils;

/// Has private keys of its own, in memory.
public final class KeyAgent implements SshAgent {

    private static final int RSA_SHA2_256 = 2;
    private static final int RSA_SHA2_512 = 4;

    private final List<Identity> identities;

    /// @param blob the public key as the protocol writes it
    private record Identity(KeyPair pair, byte[] blob, String comment) {}

    private KeyAgent(List<Identity> identities) {
        this.identities = identities;
    }

    /// An agent with the keys of these texts, each in OpenSSH's or PEM form and without a passphrase.
    ///
    /// @param keys in the order in which they are offered
    /// @return empty if one of them is no such key
    public static Optional<KeyAgent> of(List<byte[]> keys) {
        List<Identity> all = new ArrayList<>();
        for (byte[] key : keys) {
            List<Identity> found = read(key, "key " + (all.size() + 1));
            if (found.isEmpty()) {
                return Optional.empty();
            }
            all.addAll(found);
        }
        return Optional.of(new KeyAgent(List.copyOf(all)));
    }

    private static List<Identity> read(byte[] key, String comment) {
        String text = new String(key, StandardCharsets.ISO_8859_1).strip() + "\n";
        List<Identity> all = new ArrayList<>();
        try {
            Iterable<KeyPair> pairs = SecurityUtils.loadKeyPairIdentities(
                    null,
                    NamedResource.ofName(comment),
                    new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)),
                    null);
            if (pairs != null) {
                for (KeyPair pair : pairs) {
                    Buffer blob = new ByteArrayBuffer();
                    blob.putRawPublicKey(pair.getPublic());
                    all.add(new Identity(pair, blob.getCompactData(), comment));
                }
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return List.of(); // the exception may quote the key, so it is not handed on
        }
        return all;
    }

    @Override
    public Conversation open() {
        return new Conversation() {
            @Override
            public byte[] answer(byte[] request) {
                try {
                    return switch (request[0]) {
                        case Messages.REQUEST_IDENTITIES -> list();
                        case Messages.SIGN_REQUEST -> sign(new ByteArrayBuffer(request, 1, request.length - 1));
                        default -> Messages.failure();
                    };
                } catch (RuntimeException e) {
                    return Messages.failure(); // not well-formed
                }
            }

            @Override
            public void close() {}
        };
    }

    private byte[] list() {
        Buffer answer = new ByteArrayBuffer();
        answer.putByte(Messages.IDENTITIES_ANSWER);
        answer.putUInt(identities.size());
        for (Identity identity : identities) {
            answer.putBytes(identity.blob());
            answer.putString(identity.comment());
        }
        return answer.getCompactData();
    }

    private byte[] sign(Buffer request) {
        byte[] blob = request.getBytes();
        byte[] data = request.getBytes();
        int flags = request.getInt();
        return identities.stream()
                .filter(identity -> Arrays.equals(identity.blob(), blob))
                .findFirst()
                .map(identity -> signature(identity.pair(), data, flags))
                .orElseGet(Messages::failure);
    }

    private static byte[] signature(KeyPair pair, byte[] data, int flags) {
        String algorithm = algorithm(pair, flags);
        BuiltinSignatures known = BuiltinSignatures.fromFactoryName(algorithm);
        if (known == null) {
            return Messages.failure();
        }
        try {
            Signature signer = known.create();
            signer.initSigner(null, pair.getPrivate());
            signer.update(null, data);
            Buffer signature = new ByteArrayBuffer();
            signature.putString(algorithm);
            signature.putBytes(signer.sign(null));
            Buffer answer = new ByteArrayBuffer();
            answer.putByte(Messages.SIGN_RESPONSE);
            answer.putBytes(signature.getCompactData());
            return answer.getCompactData();
        } catch (Exception e) { // what the library declares
            return Messages.failure();
        }
    }

    private static String algorithm(KeyPair pair, int flags) {
        String type = KeyUtils.getKeyType(pair);
        if (!type.equals("ssh-rsa")) {
            return type;
        }
        return (flags & RSA_SHA2_512) != 0 ? "rsa-sha2-512" : (flags & RSA_SHA2_256) != 0 ? "rsa-sha2-256" : type;
    }
}
