package build.kiln.builder.layer;

/// The kinds of tar entries that layers are made of.
enum TarType {
    FILE('0'),
    HARD_LINK('1'),
    SYMLINK('2'),
    CHARACTER_DEVICE('3'),
    BLOCK_DEVICE('4'),
    DIRECTORY('5'),
    FIFO('6'),
    PAX('x');

    /// Before the name of an extended attribute in a PAX header.
    static final String PAX_XATTR = "SCHILY.xattr.";

    private final byte flag;

    TarType(char flag) {
        this.flag = (byte) flag;
    }

    byte flag() {
        return flag;
    }
}
