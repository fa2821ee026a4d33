package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.object.ObjectKey;
import build.kiln.local.apiserver.resource.DeleteOptions.Propagation;
import build.kiln.local.apiserver.resource.WriteOptions.Persistence;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.storage.Store;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Ends objects: at once, or after their finalizers and their grace period.
final class Deletion {

    static final String FOREGROUND = "foregroundDeletion";

    private final Store store;
    private final Clock clock;

    Deletion(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /// @return the object, if it stays for a while
    Optional<ObjectNode> delete(ResourceType type, ObjectKey key, DeleteOptions options) {
        while (true) {
            Stored old = store.get(key).orElseThrow(() -> ApiFailure.notFound(type.resource(), key.name()));
            checkPreconditions(type, old, options);
            ObjectNode object = marked(type, old, options);
            boolean stays = mustStay(type, object);
            if (options.persistence() == Persistence.DRY_RUN) {
                return stays ? Optional.of(object) : Optional.empty();
            }
            if (options.propagation() == Propagation.ORPHAN) {
                orphan(Metadata.uid(old.object()), key.namespace());
            }
            if (!stays) {
                removeInstances(type, old);
                if (store.delete(old)) {
                    return Optional.empty();
                }
            } else if (object.equals(old.object())) {
                return Optional.of(object);
            } else {
                Optional<Stored> replaced = store.replace(old, object);
                if (replaced.isPresent()) {
                    return Optional.of(replaced.get().object());
                }
            }
        }
    }

    /// Removes an object that was waiting for its last finalizer, and has none now.
    void finishIfDue(Stored stored) {
        ObjectNode object = stored.object();
        boolean waits =
                object.path("metadata").path("deletionGracePeriodSeconds").asLong(0) > 0
                        || stored.key().resource().equals(BuiltinTypes.NAMESPACES);
        if (Metadata.isBeingDeleted(object) && Metadata.finalizers(object).isEmpty() && !waits) {
            store.delete(stored);
        }
    }

    private static void checkPreconditions(ResourceType type, Stored old, DeleteOptions options) {
        String uid = Metadata.uid(old.object());
        String version = Metadata.resourceVersion(old.object());
        String name = old.key().name();
        if (!options.uid().isEmpty() && !options.uid().equals(uid)) {
            String why = "the UID in the precondition (" + options.uid() + ") does not match the UID in record (" + uid
                    + "). The object might have been deleted and then recreated";
            throw ApiFailure.conflict(type.resource(), name, why);
        }
        if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals(version)) {
            String why = "the ResourceVersion in the precondition (" + options.resourceVersion()
                    + ") does not match the ResourceVersion in record (" + version + ")";
            throw ApiFailure.conflict(type.resource(), name, why);
        }
    }

    /// The object with the marks of one that is being deleted.
    private ObjectNode marked(ResourceType type, Stored old, DeleteOptions options) {
        ObjectNode object = old.copy();
        ObjectNode metadata = Metadata.of(object);
        List<String> finalizers = new ArrayList<>(Metadata.finalizers(object));
        if (options.propagation() == Propagation.FOREGROUND
                && !finalizers.contains(FOREGROUND)
                && hasDependents(Metadata.uid(object))) {
            finalizers.add(FOREGROUND);
            Metadata.setFinalizers(object, finalizers);
        }
        Duration usual = KindRules.of(type).gracePeriod(object);
        long grace = usual.isZero() ? 0 : options.graceSeconds().orElse(usual.toSeconds());
        boolean already = Metadata.isBeingDeleted(object);
        if (already && grace >= metadata.path("deletionGracePeriodSeconds").asLong(0)) {
            return object;
        }
        Instant until = clock.instant().plusSeconds(grace);
        metadata.put("deletionTimestamp", Metadata.timestamp(until));
        metadata.put("deletionGracePeriodSeconds", grace);
        if (!already && metadata.has("generation")) {
            metadata.put("generation", metadata.get("generation").asLong() + 1);
        }
        if (type.resource().equals(BuiltinTypes.NAMESPACES)) {
            ((ObjectNode) object.withObject("/status")).put("phase", "Terminating");
        }
        return object;
    }

    private static boolean mustStay(ResourceType type, ObjectNode object) {
        return !Metadata.finalizers(object).isEmpty()
                || object.path("metadata").path("deletionGracePeriodSeconds").asLong(0) > 0
                || type.resource().equals(BuiltinTypes.NAMESPACES);
    }

    private boolean hasDependents(String uid) {
        return !dependents(uid).isEmpty();
    }

    private List<Stored> dependents(String uid) {
        return store.all().stream()
                .filter(each -> Metadata.ownerUids(each.object()).contains(uid))
                .toList();
    }

    private void orphan(String owner, String namespace) {
        for (Stored dependent : dependents(owner)) {
            if (!namespace.isEmpty() && !dependent.key().namespace().equals(namespace)) {
                continue;
            }
            boolean done = false;
            while (!done) {
                Optional<Stored> now = store.get(dependent.key());
                done = now.isEmpty()
                        || store.replace(now.get(), withoutOwner(now.get(), owner))
                                .isPresent();
            }
        }
    }

    private static ObjectNode withoutOwner(Stored dependent, String owner) {
        ObjectNode object = dependent.copy();
        ObjectNode metadata = Metadata.of(object);
        ArrayNode left = metadata.arrayNode();
        for (JsonNode reference : metadata.path("ownerReferences")) {
            if (!reference.path("uid").asText().equals(owner)) {
                left.add(reference);
            }
        }
        metadata.set("ownerReferences", left);
        return object;
    }

    /// With a CustomResourceDefinition go the objects of its kind, finalizers or not: nobody could reach them.
    private void removeInstances(ResourceType type, Stored definition) {
        if (!type.resource().equals(BuiltinTypes.DEFINITIONS)) {
            return;
        }
        JsonNode spec = definition.object().path("spec");
        var resource = new build.kiln.local.apiserver.object.GroupResource(
                spec.path("group").asText(), spec.path("names").path("plural").asText());
        store.list(resource, "").objects().forEach(store::delete);
    }
}
