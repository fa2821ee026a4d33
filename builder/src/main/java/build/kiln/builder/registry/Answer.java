package build.kiln.builder.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;

/// What came back, with its body still on the wire; to be closed or read whole.
///
/// @param from where it came from in the end, after redirects
record Answer(int status, HttpHeaders headers, InputStream body, URI from) implements AutoCloseable {

    /// No document of the protocol is larger: manifests, tokens, errors.
    static final int LONGEST_DOCUMENT = 4 << 20;

    private static final int WORTH_READING = 64 << 10;

    /// The whole body, which has to be a document.
    ///
    /// @throws TooLong if it is larger than a document may be
    Reply whole() throws IOException {
        try (body) {
            byte[] bytes = body.readNBytes(LONGEST_DOCUMENT + 1);
            if (bytes.length > LONGEST_DOCUMENT) {
                throw new TooLong();
            }
            return new Reply(status, headers, bytes, from);
        }
    }

    /// Gives the body up; reads a short one to its end, so that the connection can be used again.
    @Override
    public void close() {
        try (body) {
            if (headers.firstValueAsLong("Content-Length").orElse(0) <= WORTH_READING) {
                body.skipNBytes(headers.firstValueAsLong("Content-Length").orElse(0));
                drain();
            }
        } catch (IOException e) {
            // Nobody wants this body; the connection is given up with it.
        }
    }

    /// Takes note of the end of a body of which all bytes were read: the connection is free only then.
    void drain() throws IOException {
        if (headers.firstValue("Content-Length").isPresent() && body.read() >= 0) {
            throw new IOException("it sent more than it announced");
        }
    }

    /// The peer sent more than any document of the protocol holds.
    static final class TooLong extends IOException {
        TooLong() {
            super("its answer is longer than 4 MiB");
        }
    }
}
