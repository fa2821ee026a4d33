package build.kiln.builder.layer;

/// Under which prefix an overlay keeps its marks: it decides who may write them.
public enum OverlayXattrs {
    /// Overlays mounted by the host's root.
    TRUSTED("trusted.overlay."),
    /// Overlays mounted with `userxattr`, the only kind that works in a user namespace.
    USER("user.overlay.");

    private static final String CAPABILITY = "security.capability";

    private final String prefix;

    OverlayXattrs(String prefix) {
        this.prefix = prefix;
    }

    String opaque() {
        return prefix + "opaque";
    }

    /// True for what images carry: `user.*` and file capabilities, but none of an overlay's own marks.
    static boolean belongsIntoLayer(String attribute) {
        return attribute.equals(CAPABILITY) || attribute.startsWith("user.") && !attribute.startsWith(USER.prefix);
    }
}
