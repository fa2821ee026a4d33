package build.kiln.builder.layer;

/// What to do with what the kernel does not let this process have: owners outside of its user namespace,
/// device nodes,
/// file capabilities.
public enum Fidelity {
    /// It is a failure.
    EXACT,
    /// Go on without it; the layer's tar and index keep it all the same.
    AS_FAR_AS_ALLOWED
}
