package build.kiln.builder.linux;

import java.lang.foreign.Linker;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// What concerns the process or the calling thread rather than a file.
public final class Processes {

    private static final byte[] NOTHING = new byte[0];
    private static final int PR_GET_SECUREBITS = 27;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int SECBIT_NO_SETUID_FIXUP = 1 << 2;
    private static final int WNOHANG = 1;
    private static final int UNCHANGED = -1;

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

    /// From now on, what descendants of this process leave behind when they end becomes its own child, and not the
    /// child of the first process of the pid namespace.
    public static void adoptOrphans() throws SystemCallFailure {
        Kernel.get().call(SystemCall.prctl, NOTHING, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    }

    /// Forgets a child that has ended; nothing happens if it has not.
    public static void reap(long pid) {
        Kernel.get().raw(SystemCall.wait4, pid, 0, WNOHANG, 0, 0);
    }

    /// Whether capabilities stay as they are when the process changes its user ids.
    public static boolean keepsCapabilities() {
        return (Kernel.get().raw(SystemCall.prctl, PR_GET_SECUREBITS, 0, 0, 0, 0) & SECBIT_NO_SETUID_FIXUP) != 0;
    }

    /// Gives the whole process, with all its threads, other user ids than its effective one, which stays: who may
    /// signal it is decided by these. The kernel keeps ids for each thread; the C library tells all of them, so it
    /// is asked.
    public static void setRealAndSavedUid(int uid) throws SystemCallFailure {
        long result = NativeFunction.of(Linker.nativeLinker().defaultLookup(), "setresuid")
                .call(uid, UNCHANGED, uid);
        if ((int) result != 0) {
            byte[] about = Integer.toUnsignedString(uid).getBytes(StandardCharsets.US_ASCII);
            throw SystemCallFailure.about("setresuid", about, Errno.EPERM.number());
        }
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
