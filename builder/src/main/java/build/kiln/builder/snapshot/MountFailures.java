package build.kiln.builder.snapshot;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.linux.Errno;
import build.kiln.builder.linux.FileSystemStatus;
import build.kiln.builder.linux.NativePath;
import build.kiln.builder.linux.SystemCallFailure;
import java.io.IOException;
import java.nio.file.Path;

/// Says why a mount was refused, and what to change.
final class MountFailures {

    private MountFailures() {}

    static PlatformFailure overlay(Path workplace, int layers, IOException cause) {
        String fact = "An image of " + layers + " layers could not be mounted: " + cause.getMessage() + ".";
        return new PlatformFailure(reason(cause), workplace.toString(), fact, advice(workplace, layers, cause), cause);
    }

    static PlatformFailure workplace(Path workplace, IOException cause) {
        return new PlatformFailure(
                reason(cause),
                workplace.toString(),
                "The folder for root file systems cannot be used: " + cause.getMessage() + ".",
                reason(cause) == Reason.DiskFull ? "Make room on its file system." : "Look at its owner and mode.",
                cause);
    }

    /// The image itself is in the way: a file where a directory would have to be.
    ///
    /// @param place as a process in the image would write it
    static PlatformFailure place(String place, IOException cause) {
        if (reason(cause) == Reason.DiskFull) {
            return new PlatformFailure(
                    Reason.DiskFull, place, cause.getMessage() + ".", "Make room on the cache's file system.", cause);
        }
        return new PlatformFailure(
                Reason.RunFailed,
                place,
                "There is no such path in the image, and it cannot be made: " + cause.getMessage() + ".",
                "Look whether something on the way to it is a file, or choose another path.",
                cause);
    }

    private static Reason reason(IOException cause) {
        return cause instanceof SystemCallFailure failure
                        && (failure.errno() == Errno.ENOSPC || failure.errno() == Errno.EDQUOT)
                ? Reason.DiskFull
                : Reason.IsolationUnavailable;
    }

    private static String advice(Path workplace, int layers, IOException cause) {
        if (reason(cause) == Reason.DiskFull) {
            return "Make room on its file system.";
        }
        try {
            FileSystemStatus status = FileSystemStatus.of(NativePath.of(workplace));
            if (status.isOverlay()) {
                return "The folder lies on an overlay itself (a container's own root), which cannot hold the changes of"
                        + " another one. Put the cache on a volume: a claim, an emptyDir, or a folder of the machine.";
            }
            if (status.isNfs()) {
                return "The folder lies on NFS, which cannot hold the changes of an overlay. Put the cache on a block"
                        + " volume or an emptyDir.";
            }
        } catch (SystemCallFailure e) {
            return "Its file system cannot be asked: " + e.getMessage() + ".";
        }
        if (layers > OverlayMount.LAYERS_WITHOUT_NEW_MOUNT_CALLS) {
            return "More than " + OverlayMount.LAYERS_WITHOUT_NEW_MOUNT_CALLS
                    + " layers need Linux 6.8, and more than 500 cannot be mounted at all.";
        }
        return "Mounts need a user namespace of the builder's own (enter-namespaces), and seccomp and AppArmor profiles"
                + " that allow mount.";
    }
}
