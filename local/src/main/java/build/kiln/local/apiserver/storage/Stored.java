package build.kiln.local.apiserver.storage;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.ObjectKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/// One version of an object in the store. Nobody changes the tree: who wants another takes a [#copy].
public final class Stored {

    private final ObjectKey key;
    private final long resourceVersion;
    private final ObjectNode object;
    private volatile byte @Nullable [] bytes;

    Stored(ObjectKey key, long resourceVersion, ObjectNode object) {
        this.key = key;
        this.resourceVersion = resourceVersion;
        this.object = object;
    }

    public ObjectKey key() {
        return key;
    }

    public long resourceVersion() {
        return resourceVersion;
    }

    /// Shared by everybody: for reading only.
    public ObjectNode object() {
        return object;
    }

    public ObjectNode copy() {
        return object.deepCopy();
    }

    /// The object's JSON, made once: for reading only.
    public byte[] bytes() {
        byte[] made = bytes;
        if (made == null) {
            made = Json.bytes(object);
            bytes = made;
        }
        return made;
    }
}
