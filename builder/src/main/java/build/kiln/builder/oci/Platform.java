package build.kiln.builder.oci;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What an image runs on, in normal form: `linux/amd64`, `linux/arm/v7`.
///
/// @param variant of the architecture; null where there is none or it is the architecture's own default
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md">image-spec 1.1.1,
/// platform</a>
public record Platform(
        String os, String architecture, @Nullable String variant) {

    public Platform {
        if (variant != null && variant.isEmpty()) {
            variant = null;
        }
        switch (architecture) {
            case "x86_64", "x86-64" -> architecture = "amd64";
            case "aarch64" -> architecture = "arm64";
            case "i386", "i486", "i586", "i686" -> architecture = "386";
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
        if (architecture.equals("arm64") && "v8".equals(variant)
                || architecture.equals("amd64") && "v1".equals(variant)) {
            variant = null;
        }
        if (architecture.equals("arm") && variant == null) {
            variant = "v7";
        }
    }

    /// Reads `os/arch[/variant]`; also `arch` alone, which is a Linux.
    ///
    /// @throws IllegalArgumentException if the text is not of that form
    public static Platform parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
        for (String part : parts) {
            if (!part.matches("[a-z0-9_.-]+")) {
                throw new IllegalArgumentException(
                        "platform \"" + text + "\" is not of the form os/arch[/variant], for example linux/arm64");
            }
        }
        return switch (parts.length) {
            case 1 -> parts[0].equals("local") ? ofThisMachine() : new Platform("linux", parts[0], null);
            case 2 -> new Platform(parts[0], parts[1], null);
            case 3 -> new Platform(parts[0], parts[1], parts[2]);
            default ->
                throw new IllegalArgumentException(
                        "platform \"" + text + "\" is not of the form os/arch[/variant], for example linux/arm64");
        };
    }

    /// The platform that this process runs on.
    public static Platform ofThisMachine() {
        return new Platform("linux", System.getProperty("os.arch", "amd64"), null);
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant);
    }
}
