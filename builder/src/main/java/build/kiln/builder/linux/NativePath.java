package build.kiln.builder.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The bytes of a [Path], as the kernel has them.
public final class NativePath {

    private NativePath() {}

    /// The absolute path's bytes, also where they are not UTF-8.
    public static byte[] of(Path path) {
        Path absolute = path.toAbsolutePath();
        String text = absolute.toString();
        if (text.indexOf('\uFFFD') < 0) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        // The text has lost bytes; the URI escapes each of them.
        String raw = absolute.toUri().getRawPath();
        byte[] bytes = unescaped(raw);
        int length = bytes.length > 1 && bytes[bytes.length - 1] == '/' ? bytes.length - 1 : bytes.length;
        return java.util.Arrays.copyOf(bytes, length);
    }

    /// The bytes of the last name of a path that is text.
    public static byte[] nameOf(Path path) {
        return path.getFileName().toString().getBytes(StandardCharsets.UTF_8);
    }

    /// @throws IllegalArgumentException if the path has no directory in it
    public static Path parentOf(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no parent");
        }
        return parent;
    }

    private static byte[] unescaped(String raw) {
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                bytes[length++] = (byte) Integer.parseInt(raw, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) c;
            }
        }
        return java.util.Arrays.copyOf(bytes, length);
    }
}
