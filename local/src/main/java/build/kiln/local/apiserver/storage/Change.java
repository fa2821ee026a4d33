package build.kiln.local.apiserver.storage;

import org.jspecify.annotations.Nullable;

/// What happened to an object.
///
/// @param object the new state; for a deletion the last one, with the deletion's own version
/// @param before the state before, which tells a watch with a selector what it has to unlearn
public record Change(Type type, Stored object, @Nullable Stored before) {

    /// The words of the watch protocol.
    public enum Type {
        ADDED,
        MODIFIED,
        DELETED
    }

    long resourceVersion() {
        return object.resourceVersion();
    }
}
