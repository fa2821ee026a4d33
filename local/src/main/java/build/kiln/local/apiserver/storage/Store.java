package build.kiln.local.apiserver.storage;

import build.kiln.local.apiserver.object.GroupResource;
import build.kiln.local.apiserver.object.Metadata;
import build.kiln.local.apiserver.object.ObjectKey;
import build.kiln.local.apiserver.status.ApiFailure;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Every object of the cluster, in memory, with one version counter over all of them. Safe for many threads.
public final class Store implements AutoCloseable {

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<GroupResource, Shelf> shelves = new HashMap<>();
    private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
    private long version = 1;
    private boolean closed;

    public Optional<Stored> get(ObjectKey key) {
        lock.lock();
        try {
            return Optional.ofNullable(shelf(key.resource()).objects.get(key));
        } finally {
            lock.unlock();
        }
    }

    /// All objects of a resource; of one namespace, unless it is empty.
    public Snapshot list(GroupResource resource, String namespace) {
        lock.lock();
        try {
            var objects = shelf(resource).objects;
            Collection<Stored> wanted = namespace.isEmpty()
                    ? objects.values()
                    : objects.subMap(
                                    new ObjectKey(resource, namespace, ""),
                                    new ObjectKey(resource, namespace + "\0", ""))
                            .values();
            return new Snapshot(version, new ArrayList<>(wanted));
        } finally {
            lock.unlock();
        }
    }

    /// Every object that lies in a namespace, of any kind; all objects if it is empty.
    public List<Stored> inNamespace(String namespace) {
        lock.lock();
        try {
            List<Stored> found = new ArrayList<>();
            List.copyOf(shelves.keySet())
                    .forEach(resource -> found.addAll(list(resource, namespace).objects()));
            return found;
        } finally {
            lock.unlock();
        }
    }

    /// Every object of every kind.
    public List<Stored> all() {
        return inNamespace("");
    }

    /// Keeps the tree: the caller must not change it afterwards.
    ///
    /// @throws ApiFailure AlreadyExists
    public Stored create(ObjectKey key, ObjectNode object) {
        lock.lock();
        try {
            Shelf shelf = shelf(key.resource());
            if (shelf.objects.containsKey(key)) {
                throw ApiFailure.alreadyExists(key.resource(), key.name());
            }
            Stored created = next(key, object);
            shelf.objects.put(key, created);
            publish(shelf, new Change(Change.Type.ADDED, created, null));
            return created;
        } finally {
            lock.unlock();
        }
    }

    /// Puts `object` in the place of `expected` if that is still the object's state. Keeps the tree.
    ///
    /// @return empty if somebody else was faster
    public Optional<Stored> replace(Stored expected, ObjectNode object) {
        lock.lock();
        try {
            Shelf shelf = shelf(expected.key().resource());
            if (shelf.objects.get(expected.key()) != expected) {
                return Optional.empty();
            }
            Stored replaced = next(expected.key(), object);
            shelf.objects.put(expected.key(), replaced);
            publish(shelf, new Change(Change.Type.MODIFIED, replaced, expected));
            return Optional.of(replaced);
        } finally {
            lock.unlock();
        }
    }

    /// Removes the object if `expected` is still its state.
    ///
    /// @return false if somebody else was faster
    public boolean delete(Stored expected) {
        lock.lock();
        try {
            Shelf shelf = shelf(expected.key().resource());
            if (shelf.objects.get(expected.key()) != expected) {
                return false;
            }
            shelf.objects.remove(expected.key());
            Stored last = next(expected.key(), expected.copy());
            publish(shelf, new Change(Change.Type.DELETED, last, expected));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Reads the changes of a resource that come after a version. Costs nothing while nobody reads.
    public Watch watch(GroupResource resource, long afterVersion) {
        return new Watch(this, resource, afterVersion);
    }

    /// Calls back for each change of any object, in their order, under the store's lock: the listener must only take
    /// note.
    public void listen(Consumer<Change> listener) {
        listeners.add(listener);
    }

    public long version() {
        lock.lock();
        try {
            return version;
        } finally {
            lock.unlock();
        }
    }

    /// Ends all watches.
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            shelves.values().forEach(shelf -> shelf.changed.signalAll());
        } finally {
            lock.unlock();
        }
    }

    ReentrantLock lock() {
        return lock;
    }

    boolean isClosed() {
        return closed;
    }

    Shelf shelf(GroupResource resource) {
        return shelves.computeIfAbsent(resource, ignored -> new Shelf(lock.newCondition()));
    }

    private Stored next(ObjectKey key, ObjectNode object) {
        version++;
        Metadata.of(object).put("resourceVersion", Long.toString(version));
        return new Stored(key, version, object);
    }

    private void publish(Shelf shelf, Change change) {
        shelf.record(change);
        listeners.forEach(listener -> listener.accept(change));
    }
}
