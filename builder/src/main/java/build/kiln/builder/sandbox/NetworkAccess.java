package build.kiln.builder.sandbox;

/// What a process may reach of the network.
public enum NetworkAccess {
    /// What the builder reaches: the pod's network.
    DEFAULT,
    /// A loopback interface of its own, and nothing else.
    NONE,
    /// The same as [#DEFAULT]: the builder has no other network to give.
    HOST
}
