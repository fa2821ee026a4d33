package build.kiln.builder.linux;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/// What concerns the process or the calling thread rather than a file.
public final class Processes {

    private static final byte[] NOTHING = new byte[0];

    private Processes() {}

    /// Moves the calling thread into new namespaces. Processes that it starts inherit them; so use a platform
    /// thread of
    /// its own, never a pooled or a virtual one.
    public static void unshare(Set<Namespace> namespaces) throws SystemCallFailure {
        int bits = 0;
        for (Namespace namespace : namespaces) {
            bits |= namespace.bit();
        }
        Kernel.get().call(SystemCall.unshare, NOTHING, bits, 0, 0, 0, 0);
    }

    /// Makes `path` the root of the calling thread (if it has unshared its mounts) or of the process.
    public static void chroot(byte[] path) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        kernel.call(SystemCall.chroot, path, kernel.path(SystemCall.chroot, path), 0, 0, 0, 0);
    }

    /// Sends a signal.
    ///
    /// @param pid negative for the process group of that number
    /// @return false if there is no such process
    public static boolean kill(long pid, int signal) throws SystemCallFailure {
        long result = Kernel.get().raw(SystemCall.kill, pid, signal, 0, 0, 0);
        if (result == -Errno.ESRCH.number()) {
            return false;
        }
        if (result < 0) {
            byte[] about = Long.toString(pid).getBytes(StandardCharsets.US_ASCII);
            throw SystemCallFailure.about("kill", about, (int) -result);
        }
        return true;
    }

    /// Sets which permissions new files of this process do not get.
    ///
    /// @return the mask before
    public static int umask(int mask) {
        return (int) Kernel.get().raw(SystemCall.umask, mask, 0, 0, 0, 0);
    }

    public static long effectiveUid() {
        return Kernel.get().raw(SystemCall.geteuid, 0, 0, 0, 0, 0);
    }

    public static long effectiveGid() {
        return Kernel.get().raw(SystemCall.getegid, 0, 0, 0, 0, 0);
    }
}
