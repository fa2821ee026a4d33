package build.kiln.builder.linux;

import java.util.Collection;

/// What a mount may be told.
public enum MountFlag {
    READ_ONLY(0x1),
    NO_SETUID(0x2),
    NO_DEVICES(0x4),
    NO_EXEC(0x8),
    REMOUNT(0x20),
    NO_ACCESS_TIMES(0x400),
    BIND(0x1000),
    MOVE(0x2000),
    RECURSIVE(0x4000),
    PRIVATE(0x40000),
    SLAVE(0x80000),
    RELATIVE_ACCESS_TIMES(0x200000);

    private final long bit;

    MountFlag(long bit) {
        this.bit = bit;
    }

    static long bits(Collection<MountFlag> flags) {
        long bits = 0;
        for (MountFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }
}
