package build.kiln.builder.source.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A server's answer with status 200, or 304 if it was asked whether something has changed. Whoever got it closes it.
///
/// @param content empty with status 304
/// @param path of the URL that answered, after redirects
/// @param shown that URL as it may be shown
record HttpAnswer(HttpURLConnection connection, int status, InputStream content, String path, String shown)
        implements AutoCloseable {

    @Nullable
    String contentDisposition() {
        return connection.getHeaderField("Content-Disposition");
    }

    @Nullable
    String entityTag() {
        return connection.getHeaderField("ETag");
    }

    /// What `Last-Modified` says; null without it.
    @Nullable
    Instant modified() {
        long millis = connection.getLastModified();
        return millis <= 0 ? null : Instant.ofEpochMilli(millis);
    }

    @Override
    public void close() throws IOException {
        connection.disconnect(); // what was not read is not wanted
    }
}
