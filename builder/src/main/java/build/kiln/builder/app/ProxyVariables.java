package build.kiln.builder.app;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Chooses proxies by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in either case of letters.
final class ProxyVariables extends ProxySelector {

    private static final List<String> PREDEFINED =
            List.of("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy");

    private static final List<Proxy> NONE = List.of(Proxy.NO_PROXY);

    private final Map<String, Proxy> byScheme;
    private final List<String> direct;

    private ProxyVariables(Map<String, Proxy> byScheme, List<String> direct) {
        this.byScheme = Map.copyOf(byScheme);
        this.direct = List.copyOf(direct);
    }

    static ProxyVariables of(Environment environment) {
        Map<String, Proxy> proxies = new TreeMap<>();
        for (String scheme : List.of("http", "https")) {
            String name = scheme + "_proxy";
            String value = either(environment, name);
            if (value != null) {
                proxies.put(scheme, proxy(name, value));
            }
        }
        String direct = either(environment, "no_proxy");
        return new ProxyVariables(
                proxies,
                direct == null
                        ? List.of()
                        : List.of(direct.toLowerCase(Locale.ROOT).split("[,\\s]+")));
    }

    /// Build arguments with those proxies of the environment that nobody has given as one: so they reach every
    /// RUN, and neither the image nor a cache key.
    static Map<String, String> asBuildArgs(Map<String, String> given, Environment environment) {
        Map<String, String> all = new TreeMap<>(given);
        for (String name : PREDEFINED) {
            String value = either(environment, name);
            if (value != null && given.keySet().stream().noneMatch(name::equalsIgnoreCase)) {
                all.put(name, value);
            }
        }
        return all;
    }

    private static @Nullable String either(Environment environment, String name) {
        String lower = environment.get(name);
        return lower != null ? lower : environment.get(name.toUpperCase(Locale.ROOT));
    }

    private static Proxy proxy(String name, String value) {
        try {
            URI uri = URI.create(value.contains("://") ? value : "http://" + value);
            if (uri.getHost() != null) {
                int port = uri.getPort() < 0 ? 80 : uri.getPort();
                return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(uri.getHost(), port));
            }
        } catch (IllegalArgumentException e) {
            // Said below, without the value: it may hold a password.
        }
        throw new RequestFailure(
                Reason.RequestInvalid,
                "environment variable " + name,
                "its value is not the URL of a proxy.",
                "Write it as http://proxy.example.com:3128.");
    }

    @Override
    public List<Proxy> select(URI uri) {
        String host = uri.getHost();
        Proxy proxy = byScheme.get(uri.getScheme());
        if (proxy == null || host == null || isDirect(host.toLowerCase(Locale.ROOT))) {
            return NONE;
        }
        return List.of(proxy);
    }

    private boolean isDirect(String host) {
        if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")) {
            return true;
        }
        for (String one : direct) {
            String suffix = one.startsWith(".") ? one.substring(1) : one;
            if (one.equals("*") || !suffix.isEmpty() && (host.equals(suffix) || host.endsWith("." + suffix))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException e) {
        // The client says it itself.
    }
}
