package build.kiln.builder.dockerfile.lint;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// A platform as somebody writes it: `linux/amd64`, `arm64`, `linux/arm/v7`, `windows(10.0.20348)/amd64`.
final class PlatformText {

    private static final Set<String> SYSTEMS = Set.of(
            "aix",
            "android",
            "darwin",
            "dragonfly",
            "freebsd",
            "illumos",
            "linux",
            "netbsd",
            "openbsd",
            "plan9",
            "solaris",
            "wasip1",
            "windows");
    private static final Map<String, String> ARCHITECTURES = Map.of(
            "x86_64", "amd64", "x86-64", "amd64", "aarch64", "arm64", "i386", "386", "armhf", "arm", "armel", "arm");

    private PlatformText() {}

    /// `os/architecture`, the usual words for both, without the system's version; empty for nothing.
    static String withoutVariant(String platform) {
        String[] parts = platform.toLowerCase(Locale.ROOT)
                .replaceFirst("[(][^)]*[)]", "")
                .split("/", -1);
        if (parts.length == 1) {
            return parts[0].isEmpty() || SYSTEMS.contains(parts[0])
                    ? parts[0]
                    : "linux/" + ARCHITECTURES.getOrDefault(parts[0], parts[0]);
        }
        return parts[0] + "/" + ARCHITECTURES.getOrDefault(parts[1], parts[1]);
    }

    /// True if a stage's name tells that it is for this platform, by its system or its architecture.
    static boolean isNamedIn(String stageName, String platform) {
        for (String part : withoutVariant(platform).split("/")) {
            if (stageName.contains(part)) {
                return true;
            }
        }
        return false;
    }
}
