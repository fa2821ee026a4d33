package build.kiln.builder.linux;

/// How far a path may lead when it is opened below a directory.
public enum Resolution {
    /// Symbolic links are followed; what would leave the directory is refused with EXDEV.
    BENEATH(0x08 | 0x02),
    /// Symbolic links are followed as if the directory were `/`: an absolute one starts there again.
    IN_ROOT(0x10 | 0x02),
    /// No symbolic link anywhere in the path: ELOOP.
    NO_LINKS(0x08 | 0x04 | 0x02);

    private final long bits;

    Resolution(long bits) {
        this.bits = bits;
    }

    long bits() {
        return bits;
    }
}
