package build.kiln.builder.dockerfile.lint;

import java.util.regex.Pattern;

/// Whether a text can be an image's name, with or without registry, tag and digest.
///
/// @see <a href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests">names</a>
final class ImageName {

    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]++(?:(?:\\.|_{1,2}|-++)[a-z0-9]++)*+");
    private static final Pattern HOST = Pattern.compile("(?:\\[[0-9a-fA-F:]++]|[a-zA-Z0-9.-]++)(?::[0-9]++)?");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    private static final Pattern DIGEST =
            Pattern.compile("[A-Za-z][A-Za-z0-9]*+(?:[-_+.][A-Za-z][A-Za-z0-9]*+)*+:[0-9a-f]{32,512}");
    private static final int MAX_LENGTH = 255;

    private ImageName() {}

    static boolean isValid(String text) {
        String name = text;
        int at = name.indexOf('@');
        if (at >= 0) {
            if (!DIGEST.matcher(name.substring(at + 1)).matches()) {
                return false;
            }
            name = name.substring(0, at);
        }
        int colon = name.lastIndexOf(':');
        if (colon > name.lastIndexOf('/')) {
            if (!TAG.matcher(name.substring(colon + 1)).matches()) {
                return false;
            }
            name = name.substring(0, colon);
        }
        return name.length() <= MAX_LENGTH && hasValidParts(name);
    }

    private static boolean hasValidParts(String name) {
        String[] parts = name.split("/", -1);
        int first = 0;
        if (parts.length > 1 && isHost(parts[0])) {
            if (!HOST.matcher(parts[0]).matches()) {
                return false;
            }
            first = 1;
        }
        for (int i = first; i < parts.length; i++) {
            if (!COMPONENT.matcher(parts[i]).matches()) {
                return false;
            }
        }
        return !name.matches("[0-9a-f]{64}");
    }

    private static boolean isHost(String part) {
        return part.contains(".") || part.contains(":") || part.equals("localhost") || !WrittenRules.isLower(part);
    }
}
