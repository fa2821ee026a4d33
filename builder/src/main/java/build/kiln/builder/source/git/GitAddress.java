package build.kiln.builder.source.git;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.failure.ShownUrl;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.Locale;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/// Where a repository is.
///
/// @param uri without a password
record GitAddress(URIish uri, Scheme scheme) {

    enum Scheme {
        HTTPS(443),
        HTTP(80),
        SSH(22),
        GIT(9418),
        FILE(0);

        private final int port;

        Scheme(int port) {
            this.port = port;
        }

        boolean isHttp() {
            return this == HTTP || this == HTTPS;
        }
    }

    /// @param place that has the URL
    /// @throws RequestFailure `RequestInvalid` if it is no address, names a way that `reach` excludes, or has a
    ///     password in it
    static GitAddress parse(String url, GitSource.Reach reach, String place, GitSource.Places places) {
        URIish uri = uri(url.strip());
        Scheme scheme = uri == null ? null : scheme(uri);
        if (uri == null || scheme == null || (scheme == Scheme.FILE && reach == GitSource.Reach.NETWORK)) {
            String shown = ShownUrl.bare(url);
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    place,
                    "\"" + shown + "\" is not the address of a git repository that can be reached over the network.",
                    "Write https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH.");
        }
        if (uri.getPass() != null) {
            throw new RequestFailure(
                    Reason.RequestInvalid,
                    place,
                    "the URL of " + new GitAddress(uri, scheme) + " has a password in it.",
                    "Take it out, and " + places.advice() + ".");
        }
        if (scheme == Scheme.SSH && uri.getUser() == null) {
            uri = uri.setUser("git");
        }
        return new GitAddress(uri, scheme);
    }

    private static @Nullable URIish uri(String url) {
        boolean control = url.chars().anyMatch(c -> c <= ' ' || c == 0x7f);
        try {
            return url.isEmpty() || control ? null : new URIish(url);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static @Nullable Scheme scheme(URIish uri) {
        boolean path = uri.getPath() != null && !uri.getPath().isEmpty();
        boolean host = uri.getHost() != null && !uri.getHost().isEmpty();
        if (uri.getScheme() == null) {
            return host && path ? Scheme.SSH : null;
        }
        Scheme scheme = switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "https" -> Scheme.HTTPS;
            case "http" -> Scheme.HTTP;
            case "ssh", "git+ssh", "ssh+git" -> Scheme.SSH;
            case "git" -> Scheme.GIT;
            case "file" -> Scheme.FILE;
            default -> null;
        };
        return scheme != null && path && (host || scheme == Scheme.FILE) ? scheme : null;
    }

    /// Scheme, host and port: what credentials are for.
    String origin() {
        return origin(scheme, uri.getHost(), uri.getPort());
    }

    static String origin(URL url) {
        return origin(url.getProtocol().equals("https") ? Scheme.HTTPS : Scheme.HTTP, url.getHost(), url.getPort());
    }

    private static String origin(Scheme scheme, @Nullable String host, int port) {
        return scheme + " " + (host == null ? "" : host.toLowerCase(Locale.ROOT)) + ":"
                + (port > 0 ? port : scheme.port);
    }

    /// Host and port, as a connection needs them.
    String hostAndPort() {
        return uri.getHost() + ":" + (uri.getPort() > 0 ? uri.getPort() : scheme.port);
    }

    /// The address that a submodule's URL means, which may start with `./` or `../`; null if it climbs too high.
    @Nullable
    String resolve(String submoduleUrl) {
        if (!submoduleUrl.startsWith("./") && !submoduleUrl.startsWith("../")) {
            return submoduleUrl;
        }
        String base = uri.toPrivateString().replaceFirst("/+$", "");
        String rest = submoduleUrl;
        while (rest.startsWith("./") || rest.startsWith("../")) {
            if (rest.startsWith("../")) {
                int cut = Math.max(base.lastIndexOf('/'), base.indexOf("//") < 0 ? base.lastIndexOf(':') : -1);
                if (cut <= base.indexOf("//") + 1) {
                    return null;
                }
                boolean colon = base.charAt(cut) == ':';
                base = base.substring(0, cut) + (colon ? ":" : "");
            }
            rest = rest.substring(rest.indexOf('/') + 1);
        }
        return base.endsWith(":") ? base + rest : base + "/" + rest;
    }

    /// As it may be shown: without user-info and query.
    @Override
    public String toString() {
        URIish shown = uri.setUser(null).setPass(null);
        return shown.toString().replaceFirst("[?#].*", "");
    }
}
