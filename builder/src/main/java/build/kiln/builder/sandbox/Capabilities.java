package build.kiln.builder.sandbox;

import java.util.List;
import java.util.stream.Stream;

/// Capabilities of a RUN. They count in its own user namespace only.
final class Capabilities {

    /// What Docker gives a container.
    static final List<String> OF_A_CONTAINER = List.of(
            "CAP_AUDIT_WRITE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_MKNOD",
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_RAW",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_CHROOT");

    /// What remains of it where there is no user namespace that bounds it: without those that lead out of a root
    /// (and, as it takes as many capabilities to trace a process as that one has, into the builder), that reach
    /// the machine's devices, and that reach the builder's processes.
    static final List<String> OF_A_SHARED_NAMESPACE = OF_A_CONTAINER.stream()
            .filter(one -> !List.of("CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_KILL").contains(one))
            .toList();

    /// All that Linux has.
    static final List<String> ALL = Stream.concat(
                    OF_A_CONTAINER.stream(),
                    Stream.of(
                            "CAP_AUDIT_CONTROL",
                            "CAP_AUDIT_READ",
                            "CAP_BLOCK_SUSPEND",
                            "CAP_BPF",
                            "CAP_CHECKPOINT_RESTORE",
                            "CAP_DAC_READ_SEARCH",
                            "CAP_IPC_LOCK",
                            "CAP_IPC_OWNER",
                            "CAP_LEASE",
                            "CAP_LINUX_IMMUTABLE",
                            "CAP_MAC_ADMIN",
                            "CAP_MAC_OVERRIDE",
                            "CAP_NET_ADMIN",
                            "CAP_NET_BROADCAST",
                            "CAP_PERFMON",
                            "CAP_SYSLOG",
                            "CAP_SYS_ADMIN",
                            "CAP_SYS_BOOT",
                            "CAP_SYS_MODULE",
                            "CAP_SYS_NICE",
                            "CAP_SYS_PACCT",
                            "CAP_SYS_PTRACE",
                            "CAP_SYS_RAWIO",
                            "CAP_SYS_RESOURCE",
                            "CAP_SYS_TIME",
                            "CAP_SYS_TTY_CONFIG",
                            "CAP_WAKE_ALARM"))
            .toList();

    private Capabilities() {}
}
