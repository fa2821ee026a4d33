package build.kiln.local.apiserver.resource;

import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.object.ObjectKey;
import build.kiln.local.apiserver.status.ApiFailure;
import build.kiln.local.apiserver.storage.Change;
import build.kiln.local.apiserver.storage.Store;
import build.kiln.local.apiserver.storage.Stored;
import build.kiln.local.apiserver.type.BuiltinTypes;
import build.kiln.local.apiserver.type.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes what nobody owns any more, and empties namespaces that are being deleted.
public final class Collector implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

    private final Store store;
    private final Resources resources;
    private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();
    private final Map<String, ObjectKey> alive = new HashMap<>();
    private final Map<String, Set<ObjectKey>> dependents = new HashMap<>();
    private final Thread thread;

    /// Starts at once; to be made before the first object is.
    public Collector(Store store, Resources resources) {
        this.store = store;
        this.resources = resources;
        store.listen(changes::add);
        thread = Thread.ofVirtual().name("collector").start(this::run);
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Change change = changes.take();
                try {
                    look(change);
                } catch (ApiFailure e) {
                    LOG.debug(
                            "Collection of {} came too late: {}",
                            change.object().key(),
                            e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("The collector ends");
        }
    }

    private void look(Change change) {
        ObjectNode object = change.object().object();
        String uid = Metadata.uid(object);
        switch (change.type()) {
            case ADDED -> {
                alive.put(uid, change.object().key());
                index(change.object());
                deleteIfOrphaned(change.object().key());
            }
            case MODIFIED -> {
                index(change.object());
                if (Metadata.isBeingDeleted(object)) {
                    goOn(change.object());
                }
            }
            case DELETED -> {
                alive.remove(uid);
                unindex(change.object());
                Optional.ofNullable(dependents.remove(uid)).orElse(Set.of()).forEach(this::deleteIfOrphaned);
                ownersOf(object).forEach(this::goOn);
                goOnWithNamespace(change.object().key().namespace());
            }
        }
    }

    private void index(Stored stored) {
        Metadata.ownerUids(stored.object())
                .forEach(owner -> dependents
                        .computeIfAbsent(owner, ignored -> new HashSet<>())
                        .add(stored.key()));
    }

    private void unindex(Stored stored) {
        for (String owner : Metadata.ownerUids(stored.object())) {
            dependents.computeIfPresent(owner, (ignored, keys) -> {
                keys.remove(stored.key());
                return keys.isEmpty() ? null : keys;
            });
        }
    }

    private void deleteIfOrphaned(ObjectKey key) {
        Optional<Stored> found = store.get(key);
        if (found.isEmpty()) {
            return;
        }
        List<String> owners = Metadata.ownerUids(found.get().object());
        if (!owners.isEmpty() && owners.stream().noneMatch(alive::containsKey)) {
            delete(key);
        }
    }

    private void delete(ObjectKey key) {
        Optional<ResourceType> type = resources.types().find(key.resource());
        if (type.isPresent()) {
            try {
                resources.delete(type.get(), key.namespace(), key.name(), DeleteOptions.DEFAULT);
            } catch (ApiFailure e) {
                LOG.debug("{} was gone before it was collected: {}", key, e.getMessage());
            }
        }
    }

    private List<Stored> ownersOf(ObjectNode object) {
        return Metadata.ownerUids(object).stream()
                .flatMap(uid -> Optional.ofNullable(alive.get(uid)).flatMap(store::get).stream())
                .toList();
    }

    /// An object that is being deleted may wait for what it owns, or be a namespace.
    private void goOn(Stored stored) {
        if (stored.key().resource().equals(BuiltinTypes.NAMESPACES)) {
            goOnWithNamespace(stored.key().name());
            return;
        }
        if (!Metadata.finalizers(stored.object()).contains(Deletion.FOREGROUND)) {
            return;
        }
        String uid = Metadata.uid(stored.object());
        List<ObjectKey> owned = List.copyOf(dependents.getOrDefault(uid, Set.of()));
        owned.forEach(this::delete);
        if (owned.stream().noneMatch(key -> blocks(key, uid))) {
            removeFinalizer(stored.key());
        }
    }

    private boolean blocks(ObjectKey key, String owner) {
        Optional<Stored> found = store.get(key);
        if (found.isEmpty()) {
            return false;
        }
        for (JsonNode reference : found.get().object().path("metadata").path("ownerReferences")) {
            if (reference.path("uid").asText().equals(owner)
                    && reference.path("blockOwnerDeletion").asBoolean(false)) {
                return true;
            }
        }
        return false;
    }

    private void removeFinalizer(ObjectKey key) {
        Optional<Stored> now = store.get(key);
        if (now.isEmpty()) {
            return;
        }
        ObjectNode object = now.get().copy();
        List<String> left = new ArrayList<>(Metadata.finalizers(object));
        left.remove(Deletion.FOREGROUND);
        Metadata.setFinalizers(object, left);
        store.replace(now.get(), object)
                .ifPresentOrElse(
                        replaced -> new Deletion(store, resources.clock()).finishIfDue(replaced),
                        () -> removeFinalizer(key));
    }

    private void goOnWithNamespace(String name) {
        Optional<Stored> namespace =
                name.isEmpty() ? Optional.empty() : store.get(new ObjectKey(BuiltinTypes.NAMESPACES, "", name));
        if (namespace.isEmpty() || !Metadata.isBeingDeleted(namespace.get().object())) {
            return;
        }
        List<Stored> content = store.inNamespace(name);
        content.stream().filter(each -> !Metadata.isBeingDeleted(each.object())).forEach(each -> delete(each.key()));
        if (store.inNamespace(name).isEmpty()
                && Metadata.finalizers(namespace.get().object()).isEmpty()) {
            store.delete(namespace.get());
        }
    }
}
