package build.kiln.builder.plan;

/// A context that the user gave a name: it stands in for a stage or image of that name.
public sealed interface NamedContext {

    /// An image in a registry; `scratch` is the empty one.
    record Image(String reference) implements NamedContext {}

    /// An image in a layout folder.
    ///
    /// @param location `folder`, `folder:tag` or `folder@digest`, as [BaseImages#resolve] gets it behind
    /// `oci-layout://`
    record OciLayout(String location) implements NamedContext {}

    /// Files and nothing else: a folder, an archive, a git repository. Who provides the contexts knows it by name.
    record Tree(String location) implements NamedContext {}

    /// Reads what stands behind the name in `--build-context NAME=…`.
    static NamedContext parse(String value) {
        if (value.startsWith("docker-image:")) {
            return new Image(withoutSlashes(value.substring("docker-image:".length())));
        }
        if (value.startsWith("oci-layout:")) {
            return new OciLayout(withoutSlashes(value.substring("oci-layout:".length())));
        }
        return new Tree(value);
    }

    private static String withoutSlashes(String text) {
        return text.startsWith("//") ? text.substring(2) : text;
    }
}
