package build.kiln.builder.linux;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Extended attributes of one file, by its descriptor or by its path (of which the last link is not followed).
final class Xattrs {

    private static final byte[] EMPTY = new byte[0];

    private Xattrs() {}

    /// Empty on a file system that has none.
    static List<String> list(int fd) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory buffer = kernel.buffer();
        long size = kernel.raw(SystemCall.flistxattr, fd, buffer.address(), buffer.sizeBytes(), 0, 0);
        return names(SystemCall.flistxattr, EMPTY, buffer, size);
    }

    static List<String> list(byte[] path) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory buffer = kernel.buffer();
        long name = kernel.path(SystemCall.llistxattr, path);
        long size = kernel.raw(SystemCall.llistxattr, name, buffer.address(), buffer.sizeBytes(), 0, 0);
        return names(SystemCall.llistxattr, path, buffer, size);
    }

    private static List<String> names(SystemCall call, byte[] path, NativeMemory buffer, long size)
            throws SystemCallFailure {
        if (size == 0 || size == -Errno.EOPNOTSUPP.number()) {
            return List.of();
        }
        check(call, path, size);
        byte[] bytes = buffer.first((int) size);
        List<String> names = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                names.add(new String(bytes, start, i - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        return names;
    }

    static Optional<byte[]> get(int fd, String name) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory buffer = kernel.buffer();
        long attribute = kernel.secondPath(SystemCall.fgetxattr, utf8(name));
        long size = kernel.raw(SystemCall.fgetxattr, fd, attribute, buffer.address(), buffer.sizeBytes(), 0);
        return value(SystemCall.fgetxattr, EMPTY, buffer, size);
    }

    static Optional<byte[]> get(byte[] path, String name) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        NativeMemory buffer = kernel.buffer();
        long file = kernel.path(SystemCall.lgetxattr, path);
        long attribute = kernel.secondPath(SystemCall.lgetxattr, utf8(name));
        long size = kernel.raw(SystemCall.lgetxattr, file, attribute, buffer.address(), buffer.sizeBytes(), 0);
        return value(SystemCall.lgetxattr, path, buffer, size);
    }

    private static Optional<byte[]> value(SystemCall call, byte[] path, NativeMemory buffer, long size)
            throws SystemCallFailure {
        if (size == -Errno.ENODATA.number() || size == -Errno.EOPNOTSUPP.number()) {
            return Optional.empty();
        }
        check(call, path, size);
        return Optional.of(buffer.first((int) size));
    }

    static void set(int fd, String name, byte[] value) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long attribute = kernel.secondPath(SystemCall.fsetxattr, utf8(name));
        long from = copied(SystemCall.fsetxattr, kernel, value);
        kernel.call(SystemCall.fsetxattr, utf8(name), fd, attribute, from, value.length, 0);
    }

    static void set(byte[] path, String name, byte[] value) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long file = kernel.path(SystemCall.lsetxattr, path);
        long attribute = kernel.secondPath(SystemCall.lsetxattr, utf8(name));
        long from = copied(SystemCall.lsetxattr, kernel, value);
        kernel.call(SystemCall.lsetxattr, path, file, attribute, from, value.length, 0);
    }

    static void remove(byte[] path, String name) throws SystemCallFailure {
        Kernel kernel = Kernel.get();
        long file = kernel.path(SystemCall.lremovexattr, path);
        long attribute = kernel.secondPath(SystemCall.lremovexattr, utf8(name));
        kernel.call(SystemCall.lremovexattr, path, file, attribute, 0, 0, 0);
    }

    private static long copied(SystemCall call, Kernel kernel, byte[] value) throws SystemCallFailure {
        NativeMemory buffer = kernel.buffer();
        if (value.length > buffer.sizeBytes()) {
            throw SystemCallFailure.about(call.name(), EMPTY, Errno.ERANGE.number());
        }
        buffer.put(0, value, 0, value.length);
        return buffer.address();
    }

    private static void check(SystemCall call, byte[] path, long result) throws SystemCallFailure {
        if (result < 0) {
            throw SystemCallFailure.about(call.name(), path, (int) -result);
        }
    }

    private static byte[] utf8(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }
}
