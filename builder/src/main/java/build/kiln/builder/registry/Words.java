package build.kiln.builder.registry;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Locale;

/// What went wrong on the wire, in words for a sentence.
final class Words {

    private static final int LONGEST = 300;

    private Words() {}

    static String of(IOException e) {
        if (has(e, UnresolvedAddressException.class) || has(e, UnknownHostException.class)) {
            return "its name has no address";
        }
        if (e instanceof HttpConnectTimeoutException) {
            return "no connection within the time limit";
        }
        if (e instanceof HttpTimeoutException) {
            return "request timed out".equals(e.getMessage()) ? "no answer within the time limit" : plain(e);
        }
        if (e instanceof ConnectException
                && (e.getMessage() == null || e.getMessage().contains("refused"))) {
            return "connection refused";
        }
        String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (e instanceof EOFException
                || text.contains("reset")
                || text.contains("broken pipe")
                || text.contains("closed")
                || text.contains("eof")
                || text.contains("received no bytes")
                || text.contains("terminated the handshake")
                || text.contains("fixed content-length")) {
            return "the connection broke off";
        }
        return plain(e);
    }

    private static String plain(IOException e) {
        return fromPeer(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }

    /// A peer's own words, made harmless: one line, no control characters, not long.
    static String fromPeer(String text) {
        String clean = text.replaceAll("[\\p{Cntrl}\\s]+", " ").trim();
        return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST) + "…";
    }

    static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    static boolean has(Throwable e, Class<? extends Throwable> kind) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
