package build.kiln.builder.source.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A server's answer with status 200. Whoever got it closes it.
///
/// @param path of the URL that answered, after redirects
/// @param shown that URL as it may be shown
record HttpAnswer(HttpURLConnection connection, InputStream content, String path, String shown)
        implements AutoCloseable {

    @Nullable
    String contentDisposition() {
        return connection.getHeaderField("Content-Disposition");
    }

    /// What `Last-Modified` says; 1970 without it.
    Instant modified() {
        return Instant.ofEpochMilli(Math.max(0, connection.getLastModified()));
    }

    @Override
    public void close() throws IOException {
        connection.disconnect(); // what was not read is not wanted
    }
}
