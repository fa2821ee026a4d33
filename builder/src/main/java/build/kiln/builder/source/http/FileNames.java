package build.kiln.builder.source.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a file is called that was fetched.
final class FileNames {

    private static final Pattern EXTENDED = Pattern.compile("(?i)filename\\*\\s*=\\s*utf-8''([^;\\s]+)");
    private static final Pattern PLAIN =
            Pattern.compile("(?i)filename\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;\\s]+))");
    private static final int LONGEST_BYTES = 255;

    private FileNames() {}

    /// The name of the header `Content-Disposition`, else the last name of the URL's path, else `download`;
    /// never one that leads to another folder.
    static String of(@Nullable String contentDisposition, String path) {
        String offered = contentDisposition == null ? null : inHeader(contentDisposition);
        return offered != null && isName(offered) ? offered : lastOf(path);
    }

    private static @Nullable String inHeader(String header) {
        Matcher extended = EXTENDED.matcher(header);
        if (extended.find()) {
            return decoded(extended.group(1));
        }
        Matcher plain = PLAIN.matcher(header);
        if (!plain.find()) {
            return null;
        }
        return plain.group(1) == null ? plain.group(2) : plain.group(1).replaceAll("\\\\(.)", "$1");
    }

    private static String lastOf(String path) {
        String name = decoded(path.replaceFirst("/+$", "").replaceFirst("^.*/", ""));
        return isName(name) ? name : "download";
    }

    /// A plus sign means itself here.
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static boolean isName(String name) {
        return !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().noneMatch(c -> c == '/' || c < ' ' || c == 0x7f)
                && name.getBytes(StandardCharsets.UTF_8).length <= LONGEST_BYTES;
    }
}
