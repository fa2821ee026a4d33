package build.kiln.local.apiserver.object;

import java.util.Comparator;

/// What identifies an object in the server; the namespace is empty for what lies in none.
public record ObjectKey(GroupResource resource, String namespace, String name) implements Comparable<ObjectKey> {

    private static final Comparator<ObjectKey> ORDER = Comparator.comparing(
                    (ObjectKey key) -> key.resource().group())
            .thenComparing(key -> key.resource().plural())
            .thenComparing(ObjectKey::namespace)
            .thenComparing(ObjectKey::name);

    @Override
    public int compareTo(ObjectKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return resource + "/" + (namespace.isEmpty() ? name : namespace + "/" + name);
    }
}
