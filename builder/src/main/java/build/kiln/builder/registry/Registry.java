package build.kiln.builder.registry;

import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/// All registries that a build talks to.
///
/// Safe for many threads. Calls block; each is tried again as [RetryPolicy] says where that can help. Every method
/// throws [RegistryFailure]: `PullDenied` or `PushDenied` (401, 403: not tried again), `ImageNotFound`,
/// `RegistryUnavailable` (after the last attempt), `RegistryUntrusted` (TLS), `RegistryCorrupt`, `Interrupted`; and
/// [RequestFailure][build.kiln.builder.failure.RequestFailure] if a configuration file is broken.
///
/// Where a parameter names the image that a blob belongs to, only its repository matters; the rest is for messages.
public final class Registry implements AutoCloseable {

    private final RegistrySettings settings;
    private final Transport transport;
    private final Failures failures;
    private final Puller puller;
    private final Pusher pusher;
    private final Referrers referrers;
    private final Map<Errand, Future<Object>> prefetched = new ConcurrentHashMap<>();

    private interface Work<T> {
        T run() throws InterruptedException;
    }

    private Registry(RegistrySettings settings) {
        this.settings = settings;
        Credentials credentials = new Credentials(settings.authFiles(), settings.store());
        Places places = new Places(settings.registriesConf());
        failures = new Failures(settings, credentials);
        transport = new Transport(settings, credentials, failures);
        puller = new Puller(settings, places, transport, failures);
        pusher = new Pusher(settings, places, transport, failures);
        referrers = new Referrers(settings, pusher, transport, failures);
    }

    /// Reads no file and opens no connection; that is left to the first call that needs it.
    public static Registry open(RegistrySettings settings) {
        return new Registry(settings);
    }

    /// Starts [#resolve] or [#checkPush] in the background; the next call of it with the same image waits for that and
    /// takes its result. Never fails: what is wrong comes up again in the call.
    public void prefetch(ImageReference image, Access access) {
        Errand errand = new Errand(access, image);
        FutureTask<Object> task = new FutureTask<>(() -> switch (access) {
            case PULL -> puller.resolve(image);
            case PUSH -> check(image);
        });
        if (prefetched.putIfAbsent(errand, task) == null) {
            Thread.ofVirtual().name("registry-prefetch").start(task);
        }
    }

    private <T> T prefetched(Errand errand, Class<T> type, Work<T> work) throws InterruptedException {
        Future<Object> task = prefetched.remove(errand);
        if (task == null) {
            return work.run();
        }
        try {
            return type.cast(task.get());
        } catch (ExecutionException e) {
            return work.run();
        }
    }

    private Boolean check(ImageReference target) throws InterruptedException {
        pusher.check(target);
        return true;
    }

    /// The index or manifest that a name leads to; its digest is checked against the one in the name.
    public Resolved resolve(ImageReference image) {
        return doing(Errand.pull(image), () -> resolved(image));
    }

    /// The digest of the index or manifest that a tag leads to, as the registry says it.
    public Digest digest(ImageReference image) {
        return doing(Errand.pull(image), () -> puller.digest(image));
    }

    private Resolved resolved(ImageReference image) throws InterruptedException {
        return prefetched(Errand.pull(image), Resolved.class, () -> puller.resolve(image));
    }

    /// The image for a platform, by way of the index if there is one. An image without an index is returned whatever
    /// its platform; its config says which that is.
    public PulledImage image(ImageReference image, Platform platform) {
        return doing(Errand.pull(image), () -> puller.image(resolved(image), image, platform));
    }

    /// A blob's bytes. The stream verifies size and digest before it hands out the last byte, goes on after a broken
    /// connection, and throws [RegistryFailure] from `read`. The caller closes it; until then, or until its end, it
    /// holds one of the few transfers that a registry is asked for at a time.
    public InputStream pull(ImageReference image, Descriptor blob) {
        return doing(Errand.pull(image), () -> puller.pull(image, blob));
    }

    /// The bytes of a blob that is a document: at most 4 MiB.
    public byte[] pullWhole(ImageReference image, Descriptor blob) {
        return doing(Errand.pull(image), () -> puller.whole(image, blob));
    }

    /// Whether the repository of `target` has the blob.
    public boolean exists(ImageReference target, Digest blob) {
        Errand errand = Errand.push(target);
        return doing(errand, () -> pusher.exists(errand, pusher.place(target), blob));
    }

    /// Whether the repository of `image` has the blob, asked with no more than the right to pull.
    public boolean holds(ImageReference image, Digest blob) {
        Errand errand = Errand.pull(image);
        return doing(errand, () -> pusher.exists(errand, puller.origin(image), blob));
    }

    /// Finds out before a build whether its result may be pushed, by opening an upload and cancelling it.
    public void checkPush(ImageReference target) {
        Errand errand = Errand.push(target);
        doing(errand, () -> prefetched(errand, Boolean.class, () -> check(target)));
    }

    /// Whether an [#upload] to the repository of `target` is worth a try: [#checkPush] went well at its registry, and
    /// no
    /// upload has broken off there.
    public boolean takesStreams(ImageReference target) {
        return pusher.takesStreams(target);
    }

    /// Starts an upload of a blob that is still being made.
    public BlobUpload upload(ImageReference target) {
        return new BlobUpload(settings, transport, pusher, failures, target);
    }

    /// Makes the blob available in the repository of `target`, sending bytes only if the registry does not have it yet.
    ///
    /// Tries a mount from those of `knownIn` that lie in the same registry. Safe to repeat.
    ///
    /// @throws java.io.UncheckedIOException if the source cannot be read, or is shorter than the blob
    public void push(ImageReference target, Descriptor blob, List<ImageReference> knownIn, BlobSource source) {
        doing(Errand.push(target), () -> {
            pusher.push(target, blob, knownIn, source);
            return true;
        });
    }

    /// The same for a small blob, such as a config.
    public void push(ImageReference target, Descriptor blob, byte[] bytes) {
        push(target, blob, List.of(), () -> new ByteArrayInputStream(bytes));
    }

    /// Makes a blob of one image available in the repository of another: mounted where both lie in one registry, else
    /// streamed from here to there.
    public void copy(ImageReference from, ImageReference target, Descriptor blob) {
        push(target, blob, List.of(from), () -> pull(from, blob));
    }

    /// Stores a manifest or index by its digest alone, and reads it back.
    ///
    /// @return its descriptor
    public Descriptor pushManifest(ImageReference target, String mediaType, byte[] json) {
        return doing(Errand.push(target), () -> pusher.manifest(target, mediaType, json));
    }

    /// Lets the tag of `target` point to a manifest that [#pushManifest] has stored.
    public void tag(ImageReference target, Descriptor manifest, byte[] json) {
        doing(Errand.push(target), () -> {
            pusher.tag(target, manifest, json);
            return true;
        });
    }

    /// Stores a manifest that says something of another one, its subject, by its digest alone, and sees to it
    /// that who asks the registry what refers to the subject is told of it. Safe to repeat.
    ///
    /// Where the registry does not keep such lists itself, they are kept under the tag that the specification
    /// has for them, and what others have put on the list stays there.
    ///
    /// @param manifest whose subject and blobs lie in the repository of `target`
    /// @return its descriptor
    /// @see <a href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push">
    /// distribution-spec 1.1.1, Pushing Manifests with Subject</a>
    public Descriptor attach(ImageReference target, ImageManifest manifest) {
        return doing(Errand.push(target), () -> referrers.attach(target, manifest));
    }

    private static <T> T doing(Errand errand, Work<T> work) {
        try {
            return work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.interrupted(errand);
        }
    }

    @Override
    public void close() {
        transport.close();
    }
}
