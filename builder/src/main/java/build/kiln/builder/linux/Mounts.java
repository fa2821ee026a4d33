package build.kiln.builder.linux;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/// Mounts and unmounts in the mount namespace of the calling thread.
public final class Mounts {

    private static final int MNT_DETACH = 2;
    private static final int UMOUNT_NOFOLLOW = 8;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int CLOSE_ON_EXEC = 1;
    private static final byte[] NOTHING = new byte[0];

    private Mounts() {}

    /// One call of `mount(2)`.
    ///
    /// @param source a path, or any word for file systems without one
    /// @param type empty where a flag says it all (bind, remount, propagation)
    /// @param data options of the file system; up to 4 KiB
    public static void mount(byte[] source, byte[] target, String type, Set<MountFlag> flags, byte[] data)
            throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long from = kernel.path(SystemCall.mount, source);
        long to = kernel.secondPath(SystemCall.mount, target);
        NativeMemory buffer = kernel.buffer();
        byte[] typeName = type.getBytes(StandardCharsets.US_ASCII);
        long typeAt = type.isEmpty() ? 0 : string(buffer, 0, typeName);
        long dataAt = data.length == 0 ? 0 : string(buffer, 256, data);
        kernel.call(SystemCall.mount, target, from, to, typeAt, MountFlag.bits(flags), dataAt);
    }

    /// Shows `source`, a file or directory, at `target` too.
    public static void bind(byte[] source, byte[] target) throws SystemCallFailure {
        mount(source, target, "", Set.of(MountFlag.BIND), NOTHING);
    }

    /// As [#bind], with the mounts below `source`.
    public static void bindRecursively(byte[] source, byte[] target) throws SystemCallFailure {
        mount(source, target, "", Set.of(MountFlag.BIND, MountFlag.RECURSIVE), NOTHING);
    }

    /// From now on nothing mounted below `target` is seen by other namespaces, nor the other way round.
    public static void makePrivate(byte[] target) throws SystemCallFailure {
        mount(NOTHING, target, "", Set.of(MountFlag.PRIVATE, MountFlag.RECURSIVE), NOTHING);
    }

    /// EBUSY if a file below it is open.
    public static void unmount(byte[] target) throws SystemCallFailure {
        unmount(target, UMOUNT_NOFOLLOW);
    }

    /// Takes it out of sight now; the kernel lets go of it when its last file is closed.
    public static void detach(byte[] target) throws SystemCallFailure {
        unmount(target, UMOUNT_NOFOLLOW | MNT_DETACH);
    }

    private static void unmount(byte[] target, int flags) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        kernel.call(SystemCall.umount2, target, kernel.path(SystemCall.umount2, target), flags, 0, 0, 0);
    }

    /// A file system that is being configured, for mounts with more options than fit into 4 KiB (an overlay of
    /// many
    /// layers). Ends with [#mountAt]; to be closed in any case.
    public static FileSystemContext open(String type) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        long fd = kernel.call(SystemCall.fsopen, name, kernel.path(SystemCall.fsopen, name), CLOSE_ON_EXEC, 0, 0, 0);
        return new FileSystemContext(new OpenFile((int) fd, name));
    }

    /// What [Mounts#open] returns.
    public static final class FileSystemContext implements AutoCloseable {
        private final OpenFile context;

        private FileSystemContext(OpenFile context) {
            this.context = context;
        }

        /// Sets an option; repeated for the kinds that add up (`lowerdir+`).
        public void set(String key, byte[] value) throws SystemCallFailure {
            Kernel kernel = Kernel.get();
            long name = kernel.path(SystemCall.fsconfig, key.getBytes(StandardCharsets.US_ASCII));
            long text = kernel.secondPath(SystemCall.fsconfig, value);
            kernel.call(SystemCall.fsconfig, value, context.number(), FSCONFIG_SET_STRING, name, text, 0);
        }

        /// Sets an option that has no value.
        public void set(String flag) throws SystemCallFailure {
            Kernel kernel = Kernel.get();
            byte[] name = flag.getBytes(StandardCharsets.US_ASCII);
            long key = kernel.path(SystemCall.fsconfig, name);
            kernel.call(SystemCall.fsconfig, name, context.number(), FSCONFIG_SET_FLAG, key, 0, 0);
        }

        public void mountAt(byte[] target) throws SystemCallFailure {
            Kernel kernel = Kernel.get();
            kernel.call(SystemCall.fsconfig, target, context.number(), FSCONFIG_CMD_CREATE, 0, 0, 0);
            long fd = kernel.call(SystemCall.fsmount, target, context.number(), CLOSE_ON_EXEC, 0, 0, 0);
            try (OpenFile mount = new OpenFile((int) fd, target)) {
                attach(mount, target);
            }
        }

        @Override
        public void close() throws SystemCallFailure {
            context.close();
        }
    }

    /// Shows the directory or file that `source` has open at `target` too, without a path to it: what a link
    /// in a path
    /// could lead elsewhere.
    public static void bind(OpenFile source, byte[] target) throws SystemCallFailure {
        bindDescriptor(source.number(), target);
    }

    /// As [#bind(OpenFile, byte[])].
    public static void bind(Directory source, byte[] target) throws SystemCallFailure {
        bindDescriptor(source.number(), target);
    }

    private static void bindDescriptor(int source, byte[] target) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long empty = kernel.path(SystemCall.open_tree, NOTHING);
        int flags = OPEN_TREE_CLONE | OpenFile.O_CLOEXEC | OpenFile.AT_EMPTY_PATH | AT_RECURSIVE;
        long fd = kernel.call(SystemCall.open_tree, target, source, empty, flags, 0, 0);
        try (OpenFile tree = new OpenFile((int) fd, target)) {
            attach(tree, target);
        }
    }

    private static void attach(OpenFile mount, byte[] target) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long empty = kernel.path(SystemCall.move_mount, NOTHING);
        long to = kernel.secondPath(SystemCall.move_mount, target);
        kernel.call(SystemCall.move_mount, target, mount.number(), empty, Kernel.AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH);
    }

    private static long string(NativeMemory buffer, int at, byte[] text) {
        buffer.put(at, text, 0, text.length);
        buffer.putByte(at + text.length, (byte) 0);
        return buffer.address() + at;
    }
}
