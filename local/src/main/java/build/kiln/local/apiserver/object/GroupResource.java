package build.kiln.local.apiserver.object;

/// The plural name of a resource and its API group, which is empty for the core group.
public record GroupResource(String group, String plural) {

    /// As Kubernetes writes it: `imagebuilds.kiln.build`, `pods`.
    @Override
    public String toString() {
        return group.isEmpty() ? plural : plural + "." + group;
    }
}
