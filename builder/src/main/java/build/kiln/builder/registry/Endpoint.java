package build.kiln.builder.registry;

import java.net.URI;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One registry's host, and what has been learnt about it.
final class Endpoint {

    private static final int TRANSFERS = 6;
    private static final int REQUESTS = 16;

    /// As it stands in references and configuration: `docker.io`, `registry.example.com:5000`.
    final String host;

    final boolean insecure;

    /// Held while a blob comes from here. Who holds one never waits for a permit to push; so a copy, which holds one of
    /// either kind and takes the push's first, cannot lock up.
    final Semaphore pulls = new Semaphore(TRANSFERS);

    /// Held while a blob goes there.
    final Semaphore pushes = new Semaphore(TRANSFERS);

    /// Held during one short request.
    final Semaphore requests = new Semaphore(REQUESTS);

    /// Held while the scheme is being found out.
    final ReentrantLock probing = new ReentrantLock();

    /// It has not mounted a blob where it was asked to.
    volatile boolean refusesMounts;

    /// It has let somebody open an upload.
    volatile boolean takesPushes;

    /// An upload of a length that was not known has broken off here.
    volatile boolean breaksStreams;

    volatile @Nullable URI base;
    volatile @Nullable Challenge challenge;

    Endpoint(String host, boolean insecure) {
        this.host = host;
        this.insecure = insecure;
    }

    /// Docker Hub's API lives under another name than its images.
    String authority() {
        return host.equals("docker.io") ? "registry-1.docker.io" : host;
    }

    boolean isLoopback() {
        String name = host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]+$", "");
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]{1,3}){3}");
    }

    /// Whether a request to `uri` may carry this registry's authorization: the same scheme, host and port.
    boolean owns(URI uri) {
        URI own = base;
        return own != null && origin(own).equals(origin(uri));
    }

    private static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }
}
