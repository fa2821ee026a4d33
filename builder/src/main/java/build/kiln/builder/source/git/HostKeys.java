package build.kiln.builder.source.git;

import build.kiln.builder.failure.RequestFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.sshd.ServerKeyDatabase;
import org.jspecify.annotations.Nullable;

/// The keys that an SSH server may show: those of `known_hosts`, and no others.
final class HostKeys implements ServerKeyDatabase {

    private final List<KnownHostEntry> entries;
    private final String host;
    private final int port;
    private volatile @Nullable String refused;

    private HostKeys(List<KnownHostEntry> entries, String host, int port) {
        this.entries = entries;
        this.host = host;
        this.port = port;
    }

    /// @throws RequestFailure `SecretInvalid` if a line is not in the form of known_hosts
    static HostKeys parse(String knownHosts, String host, int port, String place) {
        List<KnownHostEntry> entries = new ArrayList<>();
        for (String line : knownHosts.lines().map(String::strip).toList()) {
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                entries.add(Objects.requireNonNull(KnownHostEntry.parseKnownHostEntry(line)));
            } catch (RuntimeException e) {
                // The exception quotes the line, which may be a private key in the wrong place.
                throw GitSecret.invalid(
                        place,
                        "its key \"known_hosts\" is not in the form of an OpenSSH known_hosts file.",
                        GitSecret.SSH);
            }
        }
        return new HostKeys(entries, host, port);
    }

    /// The fingerprint of the key that was refused, and those that would have been right; null if none was
    /// refused.
    @Nullable
    String refused() {
        return refused;
    }

    @Override
    public List<PublicKey> lookup(String connectAddress, InetSocketAddress remoteAddress, Configuration config) {
        List<PublicKey> keys = new ArrayList<>();
        for (KnownHostEntry entry : entries) {
            if (entry.isHostMatch(host, port) && !"revoked".equals(entry.getMarker())) {
                PublicKey key = key(entry);
                if (key != null) {
                    keys.add(key);
                }
            }
        }
        return keys;
    }

    @Override
    public boolean accept(
            String connectAddress,
            InetSocketAddress remoteAddress,
            PublicKey serverKey,
            Configuration config,
            @Nullable CredentialsProvider provider) {
        List<PublicKey> known = lookup(connectAddress, remoteAddress, config);
        if (known.stream().anyMatch(key -> KeyUtils.compareKeys(key, serverKey))) {
            return true;
        }
        String expected = known.isEmpty()
                ? "has no key for it"
                : "has " + String.join(", ", known.stream().map(HostKeys::shown).toList());
        refused = shown(serverKey) + "; known_hosts " + expected;
        return false;
    }

    private static String shown(PublicKey key) {
        return KeyUtils.getKeyType(key) + " " + KeyUtils.getFingerPrint(key);
    }

    private static @Nullable PublicKey key(KnownHostEntry entry) {
        AuthorizedKeyEntry known = Objects.requireNonNull(entry.getKeyEntry());
        try {
            return known.resolvePublicKey(null, PublicKeyEntryResolver.IGNORING);
        } catch (IOException | GeneralSecurityException e) {
            return null; // of a kind that this client does not know, so the server's will not be equal to it
        }
    }
}
