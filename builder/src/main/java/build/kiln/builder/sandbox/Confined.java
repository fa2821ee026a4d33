package build.kiln.builder.sandbox;

/// How far a process is kept from its own user namespace's powers.
public enum Confined {
    /// The capabilities that Docker gives a container, a filter of system calls, /sys and parts of /proc read-only
    /// or hidden.
    AS_A_CONTAINER,
    /// Every capability, every system call, /proc and /sys as the builder has them: `RUN --security=insecure`.
    /// The namespaces stay.
    BY_NAMESPACES_ONLY
}
