package build.kiln.builder.oci;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an image runs on, in normal form: `linux/amd64`, `linux/arm/v7`, `windows(10.0.20348.1006)/amd64`.
///
/// @param variant of the architecture; null where there is none or it is the architecture's own default
/// @param osVersion of the operating system, as it is; null where nobody said. Only Windows has one in practice
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md">image-spec 1.1.1,
/// platform</a>
public record Platform(
        String os,
        String architecture,
        @Nullable String variant,
        @Nullable String osVersion) {

    private static final String FORM = "os/arch[/variant], for example linux/arm64";
    private static final Pattern SYSTEM =
            Pattern.compile("([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?");
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]+");
    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})?");

    public Platform {
        if (variant != null && variant.isEmpty()) {
            variant = null;
        }
        if (osVersion != null && osVersion.isEmpty()) {
            osVersion = null;
        }
        if (os.equals("macos")) {
            os = "darwin";
        }
        switch (architecture) {
            case "x86_64", "x86-64" -> architecture = "amd64";
            case "aarch64" -> architecture = "arm64";
            case "i386", "i486", "i586", "i686" -> {
                architecture = "386";
                variant = null;
            }
            case "armhf" -> {
                architecture = "arm";
                variant = "v7";
            }
            case "armel" -> {
                architecture = "arm";
                variant = "v6";
            }
            default -> {}
        }
        if (architecture.startsWith("arm") && variant != null && variant.matches("[5-9]")) {
            variant = "v" + variant;
        }
        if (architecture.equals("arm64") && "v8".equals(variant)
                || architecture.equals("amd64") && "v1".equals(variant)) {
            variant = null;
        }
        if (architecture.equals("arm") && variant == null) {
            variant = "v7";
        }
    }

    public Platform(String os, String architecture, @Nullable String variant) {
        this(os, architecture, variant, null);
    }

    /// Reads `os[(version)]/arch[/variant]`; also `arch` or `os` alone: the rest is then a Linux, or this machine's.
    ///
    /// @throws IllegalArgumentException if the text is not of that form
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        Matcher system = SYSTEM.matcher(parts[0]);
        if (parts.length > 3 || !system.matches()) {
            throw new IllegalArgumentException("platform \"" + text + "\" is not of the form " + FORM);
        }
        for (int i = 1; i < parts.length; i++) {
            if (!PART.matcher(parts[i]).matches()) {
                throw new IllegalArgumentException("platform \"" + text + "\" is not of the form " + FORM);
            }
        }
        if (!nullToEmpty(system.group(3)).isEmpty()) {
            throw new IllegalArgumentException("platform \"" + text + "\" names features of the operating system (\""
                    + system.group(3) + "\"), and images are told apart by its version only");
        }
        String os = system.group(1).toLowerCase(Locale.ROOT);
        String version = decoded(text, nullToEmpty(system.group(2)));
        String first = parts.length < 2 ? "" : parts[1].toLowerCase(Locale.ROOT);
        return switch (parts.length) {
            case 1 -> alone(text, os, version);
            case 2 -> new Platform(os, first, null, version);
            default -> new Platform(os, first, parts[2].toLowerCase(Locale.ROOT), version);
        };
    }

    private static Platform alone(String text, String word, String version) {
        if (word.equals("local")) {
            return ofThisMachine();
        }
        if (KnownPlatforms.isSystem(word)) {
            return new Platform(word, ofThisMachine().architecture(), null, version);
        }
        Platform linux = new Platform("linux", word, null);
        if (!version.isEmpty() || !KnownPlatforms.isArchitecture(linux.architecture())) {
            throw new IllegalArgumentException(
                    "platform \"" + text + "\" is neither an operating system nor an architecture that is known");
        }
        return linux;
    }

    private static String nullToEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /// Characters that the form itself uses are written as `%2B` and the like.
    private static String decoded(String text, String version) {
        return ESCAPE.matcher(version).replaceAll(found -> {
            if (found.group(1) == null) {
                throw new IllegalArgumentException(
                        "platform \"" + text + "\" has a % in its version that no two hexadecimal digits follow");
            }
            return Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 16)));
        });
    }

    /// The platform that this process runs on.
    public static Platform ofThisMachine() {
        return new Platform("linux", System.getProperty("os.arch", "amd64"), null);
    }

    /// The same with another version of the operating system.
    public Platform withOsVersion(@Nullable String version) {
        return new Platform(os, architecture, variant, version);
    }

    @Override
    public String toString() {
        return os + (osVersion == null ? "" : "(" + encoded(osVersion) + ")") + "/" + architecture
                + (variant == null ? "" : "/" + variant);
    }

    private static String encoded(String version) {
        return version.replace("%", "%25")
                .replace("+", "%2B")
                .replace("(", "%28")
                .replace(")", "%29")
                .replace("/", "%2F");
    }
}
