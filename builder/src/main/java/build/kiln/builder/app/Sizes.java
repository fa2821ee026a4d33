package build.kiln.builder.app;

import java.util.Locale;

/// Numbers of bytes as people read them.
final class Sizes {

    private Sizes() {}

    /// `0 B`, `512 B`, `1.5 KiB`, `20.0 GiB`.
    static String shown(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
