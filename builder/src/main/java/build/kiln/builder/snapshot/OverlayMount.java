package build.kiln.builder.snapshot;

import build.kiln.builder.linux.Directory;
import build.kiln.builder.linux.Errno;
import build.kiln.builder.linux.Mounts;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One overlayfs mount.
///
/// Every directory is opened and named `/proc/self/fd/N`: long and strange paths do no harm, and the mount's
/// options, which a RUN can read, do not tell where the cache lies.
final class OverlayMount {

    /// How many names fit into the one page of options that mount(2) takes.
    static final int LAYERS_WITHOUT_NEW_MOUNT_CALLS = 200;

    /// With these on, an upper directory would not be a changeset. `userxattr` is what an unprivileged overlay
    /// needs: without it the mount works until the first opaque directory. It also switches redirects off, and
    /// does not bear that this is said twice.
    private static final List<String> OFF = List.of("metacopy", "index");

    /// Where the changes go.
    ///
    /// @param work an empty directory beside `changes` for the kernel's own use
    record Upper(Path changes, Path work) {}

    private OverlayMount() {}

    /// @param lowers lowest first, at least one; at least two if there is no `upper`
    static void mount(List<Path> lowers, @Nullable Upper upper, Path target) throws IOException {
        List<Directory> open = new ArrayList<>();
        try {
            List<byte[]> names = new ArrayList<>();
            for (Path lower : withoutShadowed(lowers).reversed()) {
                names.add(open(lower, open));
            }
            byte[] changes = upper == null ? null : open(upper.changes(), open);
            byte[] work = upper == null ? null : open(upper.work(), open);
            if (!mountLayerByLayer(names, changes, work, target)) {
                mountAtOnce(names, changes, work, target);
            }
        } finally {
            for (Directory directory : open) {
                directory.close();
            }
        }
    }

    /// A layer that comes twice counts where it comes last: whatever it has is seen from there. The kernel
    /// refuses the same directory twice.
    private static List<Path> withoutShadowed(List<Path> lowers) {
        Set<Path> topFirst = new LinkedHashSet<>(lowers.reversed());
        return List.copyOf(topFirst).reversed();
    }

    private static byte[] open(Path directory, List<Directory> open) throws SystemCallFailure {
        Directory one = Directory.open(directory);
        open.add(one);
        return bytes("/proc/self/fd/" + one.number());
    }

    /// @return false if this kernel has to be told all layers at once
    private static boolean mountLayerByLayer(
            List<byte[]> lowersTopFirst, byte @Nullable [] changes, byte @Nullable [] work, Path target)
            throws SystemCallFailure {
        try (Mounts.FileSystemContext overlay = Mounts.open("overlay")) {
            try {
                for (byte[] lower : lowersTopFirst) {
                    overlay.set("lowerdir+", lower);
                }
            } catch (SystemCallFailure e) {
                if (e.errno() == Errno.EINVAL && lowersTopFirst.size() <= LAYERS_WITHOUT_NEW_MOUNT_CALLS) {
                    return false;
                }
                throw e;
            }
            overlay.set("userxattr");
            for (String option : OFF) {
                overlay.set(option, bytes("off"));
            }
            if (changes != null && work != null) {
                overlay.set("upperdir", changes);
                overlay.set("workdir", work);
                overlay.set("volatile");
            }
            overlay.mountAt(NativePath.of(target));
            return true;
        }
    }

    private static void mountAtOnce(
            List<byte[]> lowersTopFirst, byte @Nullable [] changes, byte @Nullable [] work, Path target)
            throws SystemCallFailure {
        StringBuilder options = new StringBuilder("userxattr");
        OFF.forEach(option -> options.append(',').append(option).append("=off"));
        if (changes != null && work != null) {
            options.append(",volatile,upperdir=").append(text(changes));
            options.append(",workdir=").append(text(work));
        }
        options.append(",lowerdir=")
                .append(String.join(
                        ":", lowersTopFirst.stream().map(OverlayMount::text).toList()));
        Mounts.mount(bytes("overlay"), NativePath.of(target), "overlay", Set.of(), bytes(options.toString()));
    }

    /// Unmounts at once; a mount that is still in use leaves sight now and ends with its last user.
    static void unmount(Path target) throws SystemCallFailure {
        byte[] path = NativePath.of(target);
        try {
            Mounts.unmount(path);
        } catch (SystemCallFailure e) {
            if (e.errno() != Errno.EBUSY) {
                throw e;
            }
            Mounts.detach(path);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte[] ascii) {
        return new String(ascii, StandardCharsets.US_ASCII);
    }
}
