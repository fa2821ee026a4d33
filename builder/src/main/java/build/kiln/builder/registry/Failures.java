package build.kiln.builder.registry;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.net.URI;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/// The failures of this room, in whole sentences. No secret and no query of a URL gets into them.
final class Failures {

    private final RegistrySettings settings;
    private final Credentials credentials;

    Failures(RegistrySettings settings, Credentials credentials) {
        this.settings = settings;
        this.credentials = credentials;
    }

    /// An answer that is final and not what was wanted.
    RegistryFailure refused(Errand errand, Place place, Call call, Reply reply) throws InterruptedException {
        return switch (reply.status()) {
            case 401, 403 -> denied(errand, place, call, reply);
            case 404 -> missing(errand, place, call, reply);
            case 405 ->
                errand.access() == Access.PUSH
                        ? readOnly(errand, place, call, reply)
                        : unexpected(errand, place, call, reply);
            default -> unexpected(errand, place, call, reply);
        };
    }

    private RegistryFailure denied(Errand errand, Place place, Call call, Reply reply) throws InterruptedException {
        Credential credential = credentials.find(place.endpoint().host, place.repository());
        String where = settings.credentialsFor(errand.access());
        String verb = errand.access() == Access.PUSH ? "push to " : "pull from ";
        String nothing = errand.access() == Access.PUSH ? " Nothing was uploaded." : "";
        String who = credential.described();
        String advice = credential instanceof Credential.Anonymous
                ? (errand.access() == Access.PULL ? "Check the name of the image, or add" : "Add") + " credentials for "
                        + place.endpoint().host + " to " + where + "."
                : "Allow " + who.replaceFirst("^for (user )?", "") + " to " + verb + place.repository()
                        + ", or name other credentials in " + where + ".";
        return new RegistryFailure(
                deniedReason(errand),
                "",
                errand.subject() + " was refused: " + call.described() + on(errand, place) + " answered "
                        + reply.statusAndCode() + redirected(place, reply) + " " + who + "." + nothing,
                advice);
    }

    RegistryFailure tokenDenied(Errand errand, Place place, URI server, Reply reply, Credential credential) {
        String where = settings.credentialsFor(errand.access());
        return new RegistryFailure(
                deniedReason(errand),
                "",
                errand.subject() + " was refused: the token server " + server.getAuthority() + " answered "
                        + reply.statusAndCode() + " " + credential.described() + ".",
                credential instanceof Credential.Anonymous
                        ? "Check the name of the image, or add credentials for " + place.endpoint().host + " to "
                                + where + "."
                        : "Check the credentials for " + place.endpoint().host + " in " + where + ".");
    }

    private static Reason deniedReason(Errand errand) {
        return switch (errand.access()) {
            case PULL -> Reason.PullDenied;
            case PUSH -> Reason.PushDenied;
        };
    }

    private RegistryFailure missing(Errand errand, Place place, Call call, Reply reply) {
        String answered = call.described() + on(errand, place) + " answered " + reply.statusAndCode() + ".";
        if (call.target().contains("/blobs/") && errand.access() == Access.PULL) {
            return new RegistryFailure(
                    Reason.ImageNotFound,
                    "",
                    errand.image() + " is not complete: " + answered,
                    "Push the image again; the registry has lost a part of it.");
        }
        return switch (errand.access()) {
            case PULL ->
                new RegistryFailure(
                        Reason.ImageNotFound,
                        "",
                        errand.image() + " does not exist: " + answered,
                        "Check the name, the tag and the registry.");
            case PUSH ->
                new RegistryFailure(
                        Reason.PushDenied,
                        "",
                        errand.subject() + " was refused: " + answered + " Nothing was uploaded.",
                        "Check the name; if the registry does not make repositories by itself, create "
                                + place.repository() + " first.");
        };
    }

    private RegistryFailure readOnly(Errand errand, Place place, Call call, Reply reply) {
        return new RegistryFailure(
                Reason.PushDenied,
                "",
                errand.subject() + " was refused: " + call.described() + on(errand, place) + " answered "
                        + reply.statusAndCode() + ": the registry takes no pushes. Nothing was uploaded.",
                "Push to another registry; this one is read-only or a cache.");
    }

    private RegistryFailure unexpected(Errand errand, Place place, Call call, Reply reply) {
        return new RegistryFailure(
                reply.status() / 100 == 4 && errand.access() == Access.PUSH
                        ? Reason.PushDenied
                        : Reason.RegistryCorrupt,
                "",
                errand.subject() + " ended without result: " + call.described() + on(errand, place) + " answered "
                        + reply.statusAndCode() + reply.quoted() + redirected(place, reply)
                        + ", which the distribution specification does not foresee here.",
                "Check that " + place.endpoint().host + " is a registry, and what its log says.");
    }

    /// Each attempt was answered, and each answer was that the registry cannot serve now.
    RegistryFailure unavailable(
            Errand errand, Place place, String request, Reply reply, Attempts attempts, Duration asked) {
        String patience =
                asked.compareTo(settings.retry().longestDelay()) > 0 ? "; it asks to wait " + Words.seconds(asked) : "";
        return new RegistryFailure(
                Reason.RegistryUnavailable,
                "",
                errand.subject() + " ended without result: " + request + on(errand, place) + " answered "
                        + reply.statusAndCode() + reply.quoted() + " " + attempts.counted() + patience + ".",
                "Try again when the registry has recovered.");
    }

    /// No attempt was answered as a whole.
    RegistryFailure unreachable(Errand errand, String host, IOException last, Attempts attempts) {
        return new RegistryFailure(
                Reason.RegistryUnavailable,
                "",
                errand.subject() + " ended without result: " + host + " could not be reached " + attempts.counted()
                        + " (" + Words.of(last) + ").",
                "Check the name, that the registry runs, and that this machine may connect to it.",
                last);
    }

    /// An error of the wire that no further attempt will mend.
    Optional<RegistryFailure> permanent(Errand errand, String host, IOException e) {
        if (e instanceof Answer.TooLong) {
            return Optional.of(corrupt(errand, host + " sent a document of more than 4 MiB."));
        }
        if (!(e instanceof SSLException)) {
            return Optional.empty();
        }
        String subject = errand.subject() + " ended without result: ";
        if (String.valueOf(e.getMessage()).contains("recognized SSL message")) {
            return Optional.of(untrusted(
                    subject + host + " answered in plain HTTP where HTTPS was expected.",
                    "If this registry has no TLS on purpose, give it a [[registry]] table with insecure = true"
                            + " in registries.conf.",
                    e));
        }
        if (Words.has(e, CertificateExpiredException.class) || Words.has(e, CertificateNotYetValidException.class)) {
            return Optional.of(untrusted(
                    subject + "the TLS certificate of " + host + " is out of date.",
                    "Renew the certificate, or set this machine's clock.",
                    e));
        }
        if (Words.has(e, CertPathBuilderException.class)) {
            return Optional.of(untrusted(
                    subject + "the TLS certificate of " + host + " is signed by an authority that is not trusted here.",
                    "Put the authority's certificate in PEM form into certs.d/" + host + "/ca.crt.",
                    e));
        }
        if (Words.has(e, CertificateException.class)) {
            return Optional.of(untrusted(
                    subject + "the TLS certificate of " + host + " is not for that name (" + cause(e) + ").",
                    "Use a name that the certificate holds, or have it issued for this one.",
                    e));
        }
        if (e instanceof SSLHandshakeException && String.valueOf(e.getMessage()).contains("Received fatal alert")) {
            return Optional.of(untrusted(
                    subject + host + " ended the TLS handshake (" + Words.fromPeer(String.valueOf(e.getMessage()))
                            + ").",
                    "If it wants a client certificate, put client.cert and client.key into certs.d/" + host + "/.",
                    e));
        }
        return Optional.empty();
    }

    private static String cause(Throwable e) {
        Throwable at = e;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        return Words.fromPeer(String.valueOf(at.getMessage())).replaceFirst("\\.$", "");
    }

    private static RegistryFailure untrusted(String fact, String advice, IOException e) {
        return new RegistryFailure(Reason.RegistryUntrusted, "", fact, advice, e);
    }

    /// The registry sent what is not right in itself.
    RegistryFailure corrupt(Errand errand, String fact) {
        return new RegistryFailure(
                Reason.RegistryCorrupt,
                "",
                errand.subject() + " ended without result: " + fact,
                "Try again; if it stays so, the registry's storage or a proxy in front of it is damaged.");
    }

    RegistryFailure damaged(Errand errand, Place place, Descriptor blob, Attempts attempts) {
        return corrupt(
                errand,
                place.endpoint().host + " received other bytes than those of the blob " + blob.digest() + " "
                        + attempts.counted() + ".");
    }

    RegistryFailure wrongDigest(Errand errand, Place place, String what, Digest expected, Digest seen) {
        return corrupt(
                errand,
                place.endpoint().host + " sent a " + what + " with the digest " + seen + " where " + expected
                        + " was expected.");
    }

    RegistryFailure wrongSize(Errand errand, Place place, Descriptor blob, long seen) {
        return corrupt(
                errand,
                place.endpoint().host + " sent " + seen + " bytes for the blob " + blob.digest() + " where "
                        + blob.sizeBytes() + " were expected.");
    }

    static RegistryFailure interrupted(Errand errand) {
        return new RegistryFailure(Reason.Interrupted, "", errand.subject() + " was stopped before its end.", "");
    }

    private static String on(Errand errand, Place place) {
        return place.endpoint().host.equals(errand.image().registry()) ? "" : " on " + place.endpoint().host;
    }

    private static String redirected(Place place, Reply reply) {
        return place.endpoint().owns(reply.from())
                ? ""
                : " after a redirect to " + reply.from().getHost();
    }
}
