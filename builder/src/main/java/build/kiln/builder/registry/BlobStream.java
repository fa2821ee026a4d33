package build.kiln.builder.registry;

import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.linux.Sha256;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A blob on its way here. Checks size and digest before it hands out the last byte, and goes on with a Range request
/// where a connection broke off.
final class BlobStream extends InputStream {

    /// Between two breaks, this many bytes are progress enough to count the attempts afresh.
    private static final long PROGRESS_BYTES = 1 << 20;

    private static final long LARGE_BYTES = 1 << 20;

    private final Transport transport;
    private final Failures failures;
    private final Errand errand;
    private final List<Place> places;
    private final Descriptor blob;
    private final RegistrySettings settings;
    private final MessageDigest hash;

    private int at;
    private Attempts attempts;
    private long offset;
    private long brokenAt;
    private boolean holdsPermit;
    private boolean lengthKnown;
    private @Nullable InputStream body;

    /// @param places where the blob may be, the last of which has the last word
    BlobStream(
            Transport transport,
            Failures failures,
            RegistrySettings settings,
            Errand errand,
            List<Place> places,
            Descriptor blob) {
        this.transport = transport;
        this.failures = failures;
        this.settings = settings;
        this.errand = errand;
        this.places = places;
        this.blob = blob;
        this.hash = hash(blob);
        this.attempts = transport.attempts(places.getFirst());
    }

    /// The native hash is the faster one in a young JVM, but its loading pays only for large blobs.
    private static MessageDigest hash(Descriptor blob) {
        return blob.digest().algorithm().equals("sha256") && blob.sizeBytes() > LARGE_BYTES
                ? Sha256.newHash()
                : blob.digest().newHash();
    }

    /// Connects, so that a blob that is missing or denied is known before the first read.
    BlobStream open() throws InterruptedException {
        boolean opened = false;
        try {
            connect();
            opened = true;
            return this;
        } finally {
            if (!opened) {
                close();
            }
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// @throws RegistryFailure `RegistryCorrupt` if the bytes are not the blob's; `RegistryUnavailable`; `Interrupted`
    @Override
    public int read(byte[] into, int from, int length) {
        if (offset == blob.sizeBytes()) {
            if (offset == 0) {
                verify();
            }
            return -1;
        }
        if (length == 0) {
            return 0;
        }
        try {
            while (true) {
                int count = readSome(into, from, (int) Math.min(length, blob.sizeBytes() - offset));
                if (count > 0) {
                    return count;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.interrupted(errand);
        }
    }

    private int readSome(byte[] into, int from, int length) throws InterruptedException {
        InputStream open = connect();
        try {
            int count = open.read(into, from, length);
            if (count < 0) {
                throw new IOException("the connection was closed");
            }
            hash.update(into, from, count);
            offset += count;
            settings.listener().moved(new Transfer(Access.PULL, errand.image(), blob, offset));
            if (offset == blob.sizeBytes()) {
                verify();
                drain(open);
            }
            return count;
        } catch (IOException e) {
            broke(e);
            return 0;
        }
    }

    /// Reads the end of the body, so that its connection is free for the next request.
    private void drain(InputStream open) {
        try {
            if (lengthKnown) {
                open.read();
            }
        } catch (IOException e) {
            // All bytes are there and verified; the connection is given up.
        }
        release();
    }

    private void verify() {
        Digest seen = new Digest(blob.digest().algorithm(), HexFormat.of().formatHex(hash.digest()));
        if (!seen.equals(blob.digest())) {
            close();
            throw failures.wrongDigest(errand, places.get(at), "blob", blob.digest(), seen);
        }
    }

    private InputStream connect() throws InterruptedException {
        while (true) {
            InputStream open = body;
            if (open != null) {
                return open;
            }
            try {
                body = request();
            } catch (IOException e) {
                broke(e);
            } catch (RegistryFailure e) {
                nextPlace(e);
            }
        }
    }

    /// One attempt to get the rest of the blob from the current place.
    private InputStream request() throws IOException, InterruptedException {
        Place place = places.get(at);
        Call call = place.call(
                "GET",
                "blobs/" + blob.digest(),
                place.pulling(),
                settings.timeouts().answer());
        if (offset > 0) {
            call = call.with("Range", "bytes=" + offset + "-");
        }
        if (!holdsPermit) {
            place.endpoint().pulls.acquire();
            holdsPermit = true;
        }
        Answer answer = transport.open(errand, place, call);
        boolean accepted = false;
        try {
            switch (answer.status()) {
                case 200 -> {
                    long length =
                            answer.headers().firstValueAsLong("Content-Length").orElse(blob.sizeBytes());
                    if (length != blob.sizeBytes()) {
                        throw failures.wrongSize(errand, place, blob, length);
                    }
                    answer.body().skipNBytes(offset);
                }
                case 206 -> {
                    String range = answer.headers().firstValue("Content-Range").orElse("");
                    if (!range.startsWith("bytes " + offset + "-")) {
                        throw new IOException("it sent another range than was asked for");
                    }
                }
                default -> refuse(place, call, answer);
            }
            accepted = true;
            lengthKnown = answer.headers().firstValue("Content-Length").isPresent();
            return answer.body();
        } finally {
            if (!accepted) {
                answer.close();
            }
        }
    }

    private void refuse(Place place, Call call, Answer answer) throws IOException, InterruptedException {
        Reply reply = answer.whole();
        if (!Reply.worthAnotherTry(reply.status())) {
            throw failures.refused(errand, place, call, reply);
        }
        release();
        transport.pause(errand, place, call, reply, attempts);
        throw new Again();
    }

    private void broke(IOException e) throws InterruptedException {
        Place place = places.get(at);
        release();
        if (e instanceof Again) {
            return;
        }
        if (offset - brokenAt >= PROGRESS_BYTES) {
            attempts.progressed();
        }
        brokenAt = offset;
        try {
            transport.pause(errand, place, e, attempts);
        } catch (RegistryFailure last) {
            nextPlace(last);
        }
    }

    private void nextPlace(RegistryFailure why) {
        release();
        if (at == places.size() - 1) {
            throw why;
        }
        at++;
        attempts = transport.attempts(places.get(at));
    }

    private void release() {
        InputStream open = body;
        body = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                // The rest is asked for on another connection.
            }
        }
        if (holdsPermit) {
            holdsPermit = false;
            places.get(at).endpoint().pulls.release();
        }
    }

    @Override
    public void close() {
        release();
    }

    /// The pause is over; the same request may be sent again.
    private static final class Again extends IOException {}
}
