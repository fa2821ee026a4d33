package build.kiln.builder.source.http;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.failure.ShownUrl;
import build.kiln.builder.failure.SourceFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Asks for a URL, follows redirects, and asks again where a server is only in trouble.
final class HttpRequests {

    private static final int MOST_REDIRECTS = 10;
    private static final int MOST_ATTEMPTS = 3;
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final URI start;
    private final String place;
    private final Duration pause;
    private final @Nullable String entityTag;
    private final HttpLogin login;

    /// @param entityTag of a content that is known, and need not be sent again; null if none is
    HttpRequests(String url, HttpLogin login, String place, @Nullable String entityTag) {
        this(url, login, place, PAUSE, entityTag);
    }

    /// @param pause before the second attempt; before each further one twice as long
    HttpRequests(String url, String place, Duration pause) {
        this(url, HttpLogin.NONE, place, pause, null);
    }

    private HttpRequests(String url, HttpLogin login, String place, Duration pause, @Nullable String entityTag) {
        this.start = parsed(url, place);
        this.place = place;
        this.pause = pause;
        this.entityTag = entityTag;
        this.login = login;
    }

    private static URI parsed(String url, String place) {
        try {
            URI uri = new URI(url);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if ((scheme.equals("https") || scheme.equals("http")) && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // said below, without what may be a password
        }
        throw new RequestFailure(
                Reason.RequestInvalid,
                place,
                "\"" + shown(url) + "\" is not a URL that a file can be fetched from.",
                "Write https://HOST/PATH.");
    }

    /// A URL without its user-info, query and fragment.
    static String shown(String url) {
        return ShownUrl.bare(url);
    }

    /// @throws SourceFailure `SourceNotFound` (404, 410), `SourceDenied` (401, 403), `SourceUnavailable` (after
    ///     the last attempt)
    HttpAnswer answer() {
        for (int attempt = 1; ; attempt++) {
            try {
                return follow();
            } catch (InTrouble e) {
                if (attempt == MOST_ATTEMPTS) {
                    throw e.failure;
                }
                sleep(pause.multipliedBy(1L << (attempt - 1)));
            }
        }
    }

    /// An answer that may be another one in a moment.
    private static final class InTrouble extends Exception {

        private final transient SourceFailure failure;

        InTrouble(SourceFailure failure) {
            super(failure);
            this.failure = failure;
        }
    }

    private HttpAnswer follow() throws InTrouble {
        URI at = start;
        for (int i = 0; i <= MOST_REDIRECTS; i++) {
            HttpURLConnection connection = null;
            try {
                connection = open(at);
                int status = connection.getResponseCode();
                if (status == 200 || status == 304 && entityTag != null) {
                    String path = at.getPath() == null ? "" : at.getRawPath();
                    InputStream content = status == 200 ? connection.getInputStream() : InputStream.nullInputStream();
                    return new HttpAnswer(connection, status, content, path, shown(at.toString()));
                }
                String location = connection.getHeaderField("Location");
                connection.disconnect();
                if (status / 100 != 3 || location == null) {
                    throw refused(at, status);
                }
                at = next(at, location);
            } catch (IOException e) {
                throw new InTrouble(unavailable(at, e));
            }
        }
        throw new SourceFailure(
                Reason.SourceUnavailable,
                place,
                shown(start.toString()) + " redirects more than " + MOST_REDIRECTS + " times.",
                "Write the URL that it leads to.");
    }

    private HttpURLConnection open(URI uri) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout((int) SILENCE.toMillis());
        connection.setReadTimeout((int) SILENCE.toMillis());
        connection.setRequestProperty("User-Agent", "kiln");
        connection.setRequestProperty("Accept", "*/*");
        if (entityTag != null) {
            connection.setRequestProperty("If-None-Match", entityTag);
        }
        if (login.authorization() != null && origin(uri).equals(origin(start))) {
            connection.setRequestProperty("Authorization", login.authorization());
        } else if (start.getUserInfo() != null && origin(uri).equals(origin(start))) {
            byte[] user = start.getUserInfo().getBytes(StandardCharsets.UTF_8);
            connection.setRequestProperty(
                    "Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
        }
        return connection;
    }

    private static String origin(URI uri) {
        return (uri.getScheme() + "://" + uri.getHost() + ":" + uri.getPort()).toLowerCase(Locale.ROOT);
    }

    private URI next(URI at, String location) {
        try {
            URI next = at.resolve(new URI(location));
            boolean web = "https".equalsIgnoreCase(next.getScheme())
                    || ("http".equalsIgnoreCase(next.getScheme()) && "http".equalsIgnoreCase(at.getScheme()));
            if (web && next.getHost() != null) {
                return next;
            }
        } catch (URISyntaxException e) {
            // as bad as another scheme
        }
        throw new SourceFailure(
                Reason.SourceUnavailable,
                place,
                shown(at.toString()) + " redirects to \"" + shown(location).replaceAll("\\p{Cntrl}", " ")
                        + "\", where Kiln does not follow.",
                "Write the URL of the file itself.");
    }

    private SourceFailure refused(URI at, int status) throws InTrouble {
        String url = shown(at.toString());
        return switch (status) {
            case 404, 410 ->
                new SourceFailure(
                        Reason.SourceNotFound,
                        place,
                        "there is no file at " + url + " (HTTP status " + status + ").",
                        "Correct the URL.");
            case 401, 403, 407 ->
                new SourceFailure(
                        Reason.SourceDenied,
                        place,
                        url
                                + (login.authorization() == null
                                        ? " is not for everybody"
                                        : " is not for the user of these credentials")
                                + " (HTTP status " + status + ").",
                        login.advice());
            default -> {
                SourceFailure failure = new SourceFailure(
                        Reason.SourceUnavailable,
                        place,
                        url + " answered with HTTP status " + status + ".",
                        "Check the URL; then try again.");
                if (status >= 500 || status == 429 || status == 408) {
                    throw new InTrouble(failure);
                }
                yield failure;
            }
        };
    }

    private SourceFailure unavailable(URI at, IOException why) {
        String host = at.getHost() + (at.getPort() < 0 ? "" : ":" + at.getPort());
        String fact = switch (why) {
            case UnknownHostException _ -> "the host name of " + shown(at.toString()) + " is not known.";
            case ConnectException _ -> "nothing answers at " + host + ", the host of " + shown(at.toString()) + ".";
            case SocketTimeoutException _ -> host + " did not answer in time.";
            case SSLException _ -> "the TLS connection to " + host + " failed: " + said(why) + ".";
            default -> "reading " + shown(at.toString()) + " broke off: " + said(why) + ".";
        };
        return new SourceFailure(
                Reason.SourceUnavailable, place, fact, "Check the URL and the network; then try again.", why);
    }

    private static String said(IOException why) {
        return String.valueOf(why.getMessage()).replaceAll("\\p{Cntrl}+", " ").strip();
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PlatformFailure(Reason.Interrupted, "", "The build was told to stop.", "", e);
        }
    }
}
