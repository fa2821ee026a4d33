package build.kiln.builder.linux;

/// Which device: its driver and which of that driver's.
public record DeviceNumber(int major, int minor) {

    public static final DeviceNumber NONE = new DeviceNumber(0, 0);

    /// In one number, as `mknod` takes it and `stat` gives it.
    public long encoded() {
        return (minor & 0xffL) | ((major & 0xfffL) << 8) | ((minor & ~0xffL) << 12) | ((major & ~0xfffL) << 32);
    }

    @Override
    public String toString() {
        return major + ":" + minor;
    }
}
