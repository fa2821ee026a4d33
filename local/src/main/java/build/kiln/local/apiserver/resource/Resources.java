package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Json;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.object.ObjectKey;
import build.kiln.local.apiserver.patch.ManagedFields;
import build.kiln.local.apiserver.patch.Patch;
import build.kiln.local.apiserver.resource.WriteOptions.Persistence;
import build.kiln.local.apiserver.resource.Written.Outcome;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.storage.Snapshot;
import build.kiln.local.apiserver.storage.Store;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.storage.Watch;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import build.kiln.local.apiserver.type.ResourceTypes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// The verbs of the API on objects: what HTTP requests, the node and the scheduler use alike. Safe for many threads.
public final class Resources {

    private final Store store;
    private final ResourceTypes types;
    private final Clock clock;
    private final Admission admission;
    private final Deletion deletion;

    public Resources(Store store, ResourceTypes types, Clock clock) {
        this.store = store;
        this.types = types;
        this.clock = clock;
        this.admission = new Admission(clock);
        this.deletion = new Deletion(store, clock);
    }

    public ResourceTypes types() {
        return types;
    }

    public Clock clock() {
        return clock;
    }

    public Optional<Stored> find(ResourceType type, String namespace, String name) {
        return store.get(type.key(namespace, name));
    }

    /// @throws ApiFailure NotFound
    public Stored get(ResourceType type, String namespace, String name) {
        return find(type, namespace, name).orElseThrow(() -> ApiFailure.notFound(type.resource(), name));
    }

    /// @param namespace empty for all
    public Snapshot list(ResourceType type, String namespace) {
        return store.list(type.stored(), namespace);
    }

    public Watch watch(ResourceType type, long afterVersion) {
        return store.watch(type.stored(), afterVersion);
    }

    /// The object as a kind shows it: another version or another group's view may differ from what is stored. For
    /// reading only.
    public ObjectNode shown(ResourceType type, ObjectNode stored) {
        if (stored.path("apiVersion").asText().equals(type.apiVersion())) {
            return stored;
        }
        if (type.resource().equals(BuiltinTypes.NEW_EVENTS)) {
            return EventView.fromCore(stored);
        }
        return stored.deepCopy().put("apiVersion", type.apiVersion());
    }

    /// Keeps no hold of `body`.
    ///
    /// @throws ApiFailure AlreadyExists, Invalid, NotFound for a missing namespace
    public Written create(ResourceType type, String namespace, ObjectNode body, WriteOptions options) {
        ObjectNode object = body.deepCopy();
        List<String> warnings = admission.admitNew(type, namespace, object, options);
        ObjectNode kept = stored(type, object);
        ObjectKey key = type.key(namespace, Metadata.name(object));
        if (type.isNamespaced()) {
            checkNamespace(type, namespace, key.name());
        }
        if (options.persistence() == Persistence.DRY_RUN) {
            if (store.get(key).isPresent()) {
                throw ApiFailure.alreadyExists(type.resource(), key.name());
            }
            return new Written(Outcome.CREATED, object, warnings);
        }
        Stored created = store.create(key, kept);
        if (type.resource().equals(BuiltinTypes.NAMESPACES)) {
            createDefaultServiceAccount(key.name());
        }
        return new Written(Outcome.CREATED, shown(type, created.object()), warnings);
    }

    private void checkNamespace(ResourceType type, String namespace, String name) {
        Stored found = store.get(new ObjectKey(BuiltinTypes.NAMESPACES, "", namespace))
                .orElseThrow(() -> ApiFailure.notFound(BuiltinTypes.NAMESPACES, namespace));
        if (Metadata.isBeingDeleted(found.object())) {
            throw ApiFailure.forbidden(
                    type.resource(),
                    name,
                    "unable to create new content in namespace " + namespace + " because it is being terminated");
        }
    }

    private void createDefaultServiceAccount(String namespace) {
        ObjectNode account = Json.object();
        Metadata.of(account).put("name", "default");
        create(types.builtin(BuiltinTypes.SERVICE_ACCOUNTS), namespace, account, WriteOptions.DEFAULT);
    }

    /// @throws ApiFailure NotFound, Conflict, Invalid
    public Written update(
            ResourceType type, String namespace, String name, Part part, ObjectNode body, WriteOptions options) {
        if (part == Part.OBJECT
                && type.schema() != null
                && Metadata.resourceVersion(body).isEmpty()) {
            throw ApiFailure.invalid(
                    type.resource().group(),
                    type.kind(),
                    name,
                    List.of(new build.kiln.local.apiserver.status.Cause(
                            "FieldValueInvalid",
                            "metadata.resourceVersion",
                            "Invalid value: 0x0: must be specified for an update")));
        }
        while (true) {
            Stored old = get(type, namespace, name);
            Optional<Written> written = change(type, part, old, body, options);
            if (written.isPresent()) {
                return written.get();
            }
        }
    }

    /// An [Patch.Apply] makes the object if there is none.
    ///
    /// @throws ApiFailure NotFound, Conflict, Invalid
    public Written patch(
            ResourceType type, String namespace, String name, Part part, Patch patch, WriteOptions options) {
        while (true) {
            Optional<Stored> found = find(type, namespace, name);
            if (found.isEmpty()) {
                if (patch instanceof Patch.Apply(ObjectNode body) && part == Part.OBJECT) {
                    return createApplied(type, namespace, name, body, options);
                }
                throw ApiFailure.notFound(type.resource(), name);
            }
            Stored old = found.get();
            ObjectNode before = shown(type, old.object());
            ObjectNode wanted = patch.applyTo(before, type.listShape());
            if (patch instanceof Patch.Apply(ObjectNode body)) {
                settle(type, part, wanted, body, options.manager());
            }
            Optional<Written> written = change(type, part, old, wanted, options);
            if (written.isPresent()) {
                return written.get();
            }
        }
    }

    private Written createApplied(
            ResourceType type, String namespace, String name, ObjectNode body, WriteOptions options) {
        ObjectNode object = body.deepCopy();
        Json.putIfMissing(Metadata.of(object), "name", name);
        settle(type, Part.OBJECT, object, body, options.manager());
        return create(type, namespace, object, options);
    }

    /// Only the part that the request can change belongs to the manager.
    private void settle(ResourceType type, Part part, ObjectNode wanted, ObjectNode body, String manager) {
        ObjectNode applied = body.deepCopy();
        if (part == Part.STATUS) {
            applied.retain("status");
        } else if (type.hasStatusSubresource()) {
            applied.remove("status");
        }
        String time = Metadata.timestamp(clock.instant());
        ManagedFields.settle(wanted, applied, type.listShape(), manager, part.subresource(), time);
    }

    /// @return empty if the object was changed by somebody else in between
    private Optional<Written> change(
            ResourceType type, Part part, Stored old, ObjectNode wanted, WriteOptions options) {
        ObjectNode before = shown(type, old.object());
        Admission.Admitted admitted = admission.admitChange(type, part, before, wanted, options);
        ObjectNode object = admitted.object();
        if (isSame(before, object)) {
            return Optional.of(new Written(Outcome.SAME, before, admitted.warnings()));
        }
        if (options.persistence() == Persistence.DRY_RUN) {
            return Optional.of(new Written(Outcome.CHANGED, object, admitted.warnings()));
        }
        return store.replace(old, stored(type, object)).map(replaced -> {
            deletion.finishIfDue(replaced);
            return new Written(Outcome.CHANGED, shown(type, replaced.object()), admitted.warnings());
        });
    }

    /// A write that changes nothing but the time of an entry in managedFields is no change.
    private static boolean isSame(ObjectNode before, ObjectNode after) {
        return Json.same(withoutTimes(before), withoutTimes(after));
    }

    private static JsonNode withoutTimes(ObjectNode object) {
        JsonNode entries = object.path("metadata").path("managedFields");
        if (entries.isEmpty()) {
            return object;
        }
        ObjectNode copy = object.deepCopy();
        copy.path("metadata").path("managedFields").forEach(entry -> ((ObjectNode) entry).remove("time"));
        return copy;
    }

    private static ObjectNode stored(ResourceType type, ObjectNode object) {
        return type.resource().equals(BuiltinTypes.NEW_EVENTS) ? EventView.toCore(object) : object;
    }

    /// @return the object, if it stays until its finalizers or its grace period have ended; empty if it is gone
    /// @throws ApiFailure NotFound, Conflict
    public Optional<ObjectNode> delete(ResourceType type, String namespace, String name, DeleteOptions options) {
        return deletion.delete(type, type.key(namespace, name), options).map(object -> shown(type, object));
    }

    /// Deletes a pod as the eviction API does: with the condition that says so.
    public void evict(String namespace, String name, DeleteOptions options) {
        ResourceType pods = types.builtin(BuiltinTypes.PODS);
        ObjectNode patch = Json.object();
        patch.putObject("status")
                .putArray("conditions")
                .addObject()
                .put("type", "DisruptionTarget")
                .put("status", "True")
                .put("reason", "EvictionByEvictionAPI")
                .put("message", "Eviction API: evicting")
                .put("lastTransitionTime", Metadata.timestamp(clock.instant()));
        patch(pods, namespace, name, Part.STATUS, new Patch.StrategicMerge(patch), WriteOptions.DEFAULT);
        delete(pods, namespace, name, options);
    }

    /// Assigns a pod to a node, as a scheduler does.
    ///
    /// @throws ApiFailure Conflict, if it has one
    public void bind(String namespace, String name, String node) {
        ResourceType pods = types.builtin(BuiltinTypes.PODS);
        Stored seen = get(pods, namespace, name);
        String assigned = seen.object().path("spec").path("nodeName").asText("");
        if (!assigned.isEmpty()) {
            throw ApiFailure.conflict(
                    pods.resource(), name, "pod " + name + " is already assigned to node \"" + assigned + "\"");
        }
        ObjectNode patch = Json.object();
        patch.putObject("metadata").put("resourceVersion", Metadata.resourceVersion(seen.object()));
        patch.putObject("spec").put("nodeName", node);
        patch(pods, namespace, name, Part.OBJECT, new Patch.Merge(patch), WriteOptions.DEFAULT);
    }
}
