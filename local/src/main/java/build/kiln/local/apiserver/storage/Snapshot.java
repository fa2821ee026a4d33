package build.kiln.local.apiserver.storage;

import java.util.List;

/// The objects of a resource at one version of the store, in the order of namespaces and names.
public record Snapshot(long resourceVersion, List<Stored> objects) {

    public Snapshot {
        objects = List.copyOf(objects);
    }
}
