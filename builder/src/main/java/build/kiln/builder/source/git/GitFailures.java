package build.kiln.builder.source.git;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.SourceFailure;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import org.eclipse.jgit.errors.NoRemoteRepositoryException;
import org.jspecify.annotations.Nullable;

/// Says what jgit's exceptions mean for the user.
record GitFailures(GitAddress address, GitSecret secret, GitSource.Places places) {

    private static final int MOST_CHARACTERS = 4096;

    /// True if the server was asked for an object that it does not have, or does not give to those who ask by
    /// its id.
    static boolean isUnknownObject(Throwable why) {
        return has(why, one -> {
            String text = String.valueOf(one.getMessage()).toLowerCase(Locale.ROOT);
            return text.contains("not our ref")
                    || text.contains("unadvertised object")
                    || text.contains("not valid")
                    || text.contains("did not send all necessary objects")
                    || one instanceof org.eclipse.jgit.errors.MissingObjectException
                    || text.contains("nothing to fetch");
        });
    }

    /// True if the other end of a transport inside this process ended without an answer. Which of these is seen depends
    /// on which of the two threads is faster.
    static boolean isBrokenPipe(Throwable why) {
        return has(why, one -> one instanceof java.io.EOFException || "Pipe closed".equals(one.getMessage()));
    }

    /// True if the other end closed the connection within an answer, or broke down inside this process.
    static boolean isCutShort(Throwable why) {
        return has(why, one -> one instanceof java.io.EOFException || says(one, "internal server error"));
    }

    /// @param status the last one that an HTTP server answered; 0 for none
    /// @param refusedHostKey what [HostKeys#refused()] says
    BuildFailure of(Exception why, int status, @Nullable String refusedHostKey) {
        if (refusedHostKey != null && secret instanceof GitSecret.Ssh ssh) {
            return new SourceFailure(
                    Reason.SourceDenied,
                    places.credentials(),
                    address.hostAndPort() + " showed the host key " + refusedHostKey + ".",
                    ssh.knownHosts().advice(),
                    why);
        }
        return switch (status) {
            case 401, 407 -> denied(status, why);
            case 403 -> denied(status, why);
            case 404, 410 -> notFound(" (HTTP status " + status + ")", why);
            case 0, 200 -> ofCause(why);
            default -> unavailable(address + " answered with HTTP status " + status + ".", why);
        };
    }

    private BuildFailure ofCause(Exception why) {
        if (has(why, one -> one instanceof NoRemoteRepositoryException)
                || has(why, one -> says(one, "repository not found", "does not appear to be a git repo"))) {
            return notFound("", why);
        }
        if (has(why, one -> says(one, "cannot log in", "no more authentication methods", "not authorized"))) {
            return denied(0, why);
        }
        if (has(why, UnknownHostException.class::isInstance)) {
            return unavailable("the host name of " + address + " is not known.", why);
        }
        if (has(why, one -> one instanceof ConnectException || one instanceof NoRouteToHostException)) {
            return unavailable("nothing answers at " + address.hostAndPort() + ", the host of " + address + ".", why);
        }
        if (has(why, one -> one instanceof SocketTimeoutException || says(one, "timed out", "timeout"))) {
            return unavailable(address.hostAndPort() + " did not answer in time.", why);
        }
        if (has(why, SSLException.class::isInstance)) {
            return unavailable(
                    "the TLS connection to " + address.hostAndPort() + " failed: " + innermost(why) + ".", why);
        }
        return unavailable("reading from " + address + " broke off: " + innermost(why) + ".", why);
    }

    private SourceFailure denied(int status, Exception why) {
        String by = status == 0 ? "" : " (HTTP status " + status + ")";
        return switch (secret) {
            case GitSecret.None _ ->
                new SourceFailure(
                        Reason.SourceDenied,
                        places.url(),
                        address + " cannot be read without credentials" + by + ".",
                        Character.toUpperCase(places.advice().charAt(0))
                                + places.advice().substring(1) + ".",
                        why);
            case GitSecret.Header header ->
                new SourceFailure(
                        Reason.SourceDenied,
                        places.credentials(),
                        address + " refused the secret " + header.id() + by + ".",
                        status == 403
                                ? "Allow its owner to read the repository, or give another secret."
                                : "Correct the secret.",
                        why);
            case GitSecret.Basic basic ->
                new SourceFailure(
                        Reason.SourceDenied,
                        places.credentials(),
                        address + " refused user \"" + basic.username() + "\"" + by + ".",
                        status == 403
                                ? "Allow the user to read the repository, or name another Secret."
                                : "Correct the user name and the password or token in the Secret.",
                        why);
            case GitSecret.Ssh ssh ->
                new SourceFailure(
                        Reason.SourceDenied,
                        places.credentials(),
                        address.hostAndPort() + " refused user \""
                                + address.uri().getUser() + "\" with " + ssh.shown() + ".",
                        "Add the public key to the repository's or the user's deploy keys, or give another key.",
                        why);
        };
    }

    private SourceFailure notFound(String by, Exception why) {
        String advice = secret instanceof GitSecret.None
                ? "Correct the URL; if the repository is private, " + places.advice() + "."
                : "Correct the URL, or allow the user of the " + (secret instanceof GitSecret.Ssh ? "key" : "Secret")
                        + " to read the repository.";
        return new SourceFailure(
                Reason.SourceNotFound,
                places.url(),
                "there is no git repository at " + address + by + ".",
                advice,
                why);
    }

    private SourceFailure unavailable(String fact, Exception why) {
        return new SourceFailure(
                Reason.SourceUnavailable, places.url(), fact, "Check the URL and the network; then try again.", why);
    }

    private static boolean has(Throwable why, Predicate<Throwable> what) {
        for (Throwable one = why; one != null; one = one.getCause()) {
            if (what.test(one)) {
                return true;
            }
        }
        return false;
    }

    private static boolean says(Throwable one, String... texts) {
        String message = String.valueOf(one.getMessage()).toLowerCase(Locale.ROOT);
        for (String text : texts) {
            if (message.contains(text)) {
                return true;
            }
        }
        return false;
    }

    /// What the peer or the network said, without control characters and without a URL's user-info.
    private static String innermost(Throwable why) {
        Throwable last = why;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        String text = String.valueOf(last.getMessage())
                .replaceAll("\\p{Cntrl}+", " ")
                .replaceAll("//[^/@\\s]*@", "//")
                .strip();
        return text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "…" : text;
    }
}
