package build.kiln.builder.source;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;

/// The exact bytes of a path, which a file system keeps and a Java string may lose.
///
/// A [Path] holds the bytes of a name that is not UTF-8, yet its `toString` does not; only its URI gives them
/// back.
public final class PathBytes {

    private static final Path ROOT = Path.of("/");
    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private PathBytes() {}

    public static byte[] of(Path path) {
        String text = path.toString();
        if (text.indexOf('\uFFFD') < 0) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        boolean relative = !path.isAbsolute();
        String raw = (relative ? ROOT.resolve(path) : path).toUri().getRawPath();
        if (raw.endsWith("/") && !text.endsWith("/")) {
            raw = raw.substring(0, raw.length() - 1); // the URI of a folder that happens to be there
        }
        return decoded(relative ? raw.substring(1) : raw);
    }

    /// A relative path with exactly these bytes, whatever the locale of this process is.
    ///
    /// @throws IllegalArgumentException if there is a NUL among them
    public static Path relative(byte[] bytes) {
        if (isPlain(bytes)) {
            return Path.of(new String(bytes, StandardCharsets.US_ASCII));
        }
        StringBuilder uri = new StringBuilder("file:///");
        for (byte one : bytes) {
            if (one >= 0 && UNRESERVED.indexOf(one) >= 0) {
                uri.append((char) one);
            } else {
                uri.append('%').append(HEX.toHexDigits(one));
            }
        }
        // Not relativize(), which resolves `..` on its own.
        Path absolute = Path.of(URI.create(uri.toString()));
        return absolute.getNameCount() == 0 ? Path.of("") : absolute.subpath(0, absolute.getNameCount());
    }

    public static Path relative(String text) {
        return relative(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Relative as it is, and the same in every locale.
    private static boolean isPlain(byte[] bytes) {
        for (byte one : bytes) {
            if (one < 0) {
                return false;
            }
        }
        return bytes.length > 0 && bytes[0] != '/';
    }

    private static byte[] decoded(String raw) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toByteArray();
    }
}
