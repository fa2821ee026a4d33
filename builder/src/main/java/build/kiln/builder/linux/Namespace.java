package build.kiln.builder.linux;

/// The namespaces that a thread can leave with [Processes#unshare].
///
/// Not the user namespace: the kernel refuses it to a process with threads, which a JVM always is.
public enum Namespace {
    MOUNT(0x00020000),
    UTS(0x04000000),
    IPC(0x08000000),
    /// Takes effect for the thread's children.
    PID(0x20000000),
    NETWORK(0x40000000);

    private final int bit;

    Namespace(int bit) {
        this.bit = bit;
    }

    int bit() {
        return bit;
    }
}
