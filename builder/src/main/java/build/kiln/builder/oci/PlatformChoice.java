package build.kiln.builder.oci;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which images run on a platform, the best first: those for its own variant, then for lower ones, then for the
/// 32-bit architecture below it. The same order as containerd's.
final class PlatformChoice {

    private static final int WINDOWS_WITH_STABLE_INTERFACE = 20348;

    private final Platform wanted;
    private final List<Platform> inOrder = new ArrayList<>();

    PlatformChoice(Platform wanted) {
        this.wanted = wanted;
        switch (wanted.architecture()) {
            case "amd64" -> {
                lower("amd64", number(wanted.variant(), 1), 1);
                add("386", null);
            }
            case "arm" -> lower("arm", number(wanted.variant(), 7), 5);
            case "arm64" -> {
                arm64();
                lower("arm", 8, 5);
            }
            default -> add(wanted.architecture(), wanted.variant());
        }
    }

    /// How well an image fits: 0 is best; negative if it does not run there at all.
    int rank(Platform image) {
        if (!image.os().equals(wanted.os()) || !fitsVersion(image.osVersion())) {
            return -1;
        }
        return inOrder.indexOf(image.withOsVersion(null));
    }

    private void add(String architecture, @Nullable String variant) {
        inOrder.add(new Platform(wanted.os(), architecture, variant));
    }

    private void lower(String architecture, int from, int to) {
        if (from < to) {
            add(architecture, wanted.variant());
        }
        for (int version = from; version >= to; version--) {
            add(architecture, "v" + version);
        }
    }

    /// v9.x runs what is for v9.0 to v9.x, and what is for v8.0 to v8.(x+5).
    private void arm64() {
        String variant = wanted.variant() == null ? "v8" : wanted.variant();
        if (!variant.matches("v[89](\\.[0-9])?")) {
            add("arm64", wanted.variant());
            return;
        }
        int minor = variant.length() == 4 ? variant.charAt(3) - '0' : 0;
        if (variant.startsWith("v9")) {
            minors("v9", minor);
            minor += 5;
        }
        minors("v8", minor);
    }

    private void minors(String major, int from) {
        for (int minor = from; minor >= 0; minor--) {
            add("arm64", minor == 0 ? major : major + "." + minor);
        }
    }

    private static int number(@Nullable String variant, int otherwise) {
        if (variant == null) {
            return otherwise;
        }
        return variant.matches("v[0-9]{1,2}") ? Integer.parseInt(variant.substring(1)) : -1;
    }

    /// A Windows runs images of its own build; since Server 2022 also those of earlier builds down to that one.
    private boolean fitsVersion(@Nullable String image) {
        int[] host = build(wanted.osVersion());
        if (!wanted.os().equals("windows") || image == null || host[0] == 0 && host[1] == 0 && host[2] == 0) {
            return true;
        }
        int[] guest = build(image);
        if (host[0] != guest[0] || host[1] != guest[1]) {
            return false;
        }
        return host[2] < WINDOWS_WITH_STABLE_INTERFACE
                ? host[2] == guest[2]
                : guest[2] >= WINDOWS_WITH_STABLE_INTERFACE && guest[2] <= host[2];
    }

    /// Major, minor and build of `10.0.20348.1006`; zeros if the text is not of that form.
    private static int[] build(@Nullable String version) {
        if (version == null || !version.matches("[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,5}(\\..*)?")) {
            return new int[3];
        }
        String[] parts = version.split("\\.");
        return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])};
    }
}
