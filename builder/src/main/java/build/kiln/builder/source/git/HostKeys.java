package build.kiln.builder.source.git;

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

    static HostKeys of(KnownHosts known, String host, int port) {
        return new HostKeys(known.entries(), host, port);
    }

    /// The fingerprint of the key that was refused, and those that would have been right; null if none was
    /// refused.
    @Nullable
    String refused() {
        return refused;
    }

    @Override
    public List<PublicKey> lookup(String connectAddress, InetSocketAddress remoteAddress, Configuration config) {
        return keys("");
    }

    /// The host's keys of the entries with this marker.
    private List<PublicKey> keys(String marker) {
        List<PublicKey> keys = new ArrayList<>();
        for (KnownHostEntry entry : entries) {
            String marked = entry.getMarker() == null ? "" : entry.getMarker();
            PublicKey key = marked.equals(marker) && entry.isHostMatch(host, port) ? key(entry) : null;
            if (key != null) {
                keys.add(key);
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
        boolean revoked = isAmong(keys("revoked"), serverKey);
        if (isAmong(known, serverKey) && !revoked) {
            return true;
        }
        String expected = revoked
                ? "says that it is revoked"
                : known.isEmpty()
                        ? "has no key for it"
                        : "has "
                                + String.join(
                                        ", ",
                                        known.stream().map(HostKeys::shown).toList());
        refused = shown(serverKey) + "; known_hosts " + expected;
        return false;
    }

    private static boolean isAmong(List<PublicKey> keys, PublicKey key) {
        return keys.stream().anyMatch(one -> KeyUtils.compareKeys(one, key));
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
