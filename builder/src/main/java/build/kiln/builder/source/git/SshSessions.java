package build.kiln.builder.source.git;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;

/// Makes SSH sessions that know one key and one set of host keys, and nothing of this machine's user.
final class SshSessions {

    private SshSessions() {}

    static SshdSessionFactory open(GitSecret.Ssh secret, HostKeys hostKeys, Path work, String place) {
        List<KeyPair> keys = keys(secret, place);
        return new SshdSessionFactoryBuilder()
                .setPreferredAuthentications("publickey")
                .setHomeDirectory(work.toFile())
                .setSshDirectory(work.resolve("ssh").toFile())
                .setConfigStoreFactory((home, config, user) -> null)
                .setDefaultIdentities(folder -> List.of())
                .setDefaultKeysProvider(folder -> keys)
                .setServerKeyDatabase((home, folder) -> hostKeys)
                .setConnectorFactory(null)
                .build(null);
    }

    private static List<KeyPair> keys(GitSecret.Ssh secret, String place) {
        List<KeyPair> keys = new ArrayList<>();
        String text = new String(secret.privateKey(), StandardCharsets.ISO_8859_1);
        try {
            Iterable<KeyPair> found = SecurityUtils.loadKeyPairIdentities(
                    null,
                    NamedResource.ofName("ssh-privatekey"),
                    new ByteArrayInputStream((text.strip() + "\n").getBytes(StandardCharsets.ISO_8859_1)),
                    null);
            if (found != null) {
                found.forEach(keys::add);
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            keys.clear(); // the exception may quote the key, so it is not handed on
        }
        if (keys.isEmpty()) {
            throw GitSecret.invalid(
                    place,
                    "its key \"ssh-privatekey\" is not a private key that can be used: it has to be in"
                            + " OpenSSH's or PEM form, and without a passphrase.",
                    GitSecret.SSH);
        }
        return keys;
    }
}
