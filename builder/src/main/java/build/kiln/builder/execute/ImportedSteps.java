package build.kiln.builder.execute;

import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.exchange.RegistryCache;
import build.kiln.builder.exchange.SharedStep;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// The steps that caches in registries know. No registry is asked before a step is not in the cache volume, and no
/// layer
/// is pulled for a hit: its descriptor is enough until a RUN needs its files.
///
/// What is found here is never written to the cache volume. It counts for the builds that name the cache, and for no
/// others that share the volume.
public final class ImportedSteps {

    private final Registry registry;
    private final List<ImageReference> references;
    private final List<Platform> platforms;
    private final Progress progress;
    private final Clock clock;
    private final Map<Digest, ImageReference> homes = new ConcurrentHashMap<>();
    private List<CompletableFuture<Optional<RegistryCache>>> readings = List.of();

    /// @param references of caches and of images with a cache in them, the first wins
    /// @param platforms that are built
    public ImportedSteps(
            Registry registry,
            List<ImageReference> references,
            List<Platform> platforms,
            Progress progress,
            Clock clock) {
        this.registry = registry;
        this.references = List.copyOf(references);
        this.platforms = List.copyOf(platforms);
        this.progress = progress;
        this.clock = clock;
    }

    /// Whether there is no cache in a registry to ask.
    boolean isEmpty() {
        return references.isEmpty();
    }

    /// A step whose layer the registry has, too.
    Optional<SharedStep> find(CacheKey key) {
        for (CompletableFuture<Optional<RegistryCache>> reading : readings()) {
            Optional<RegistryCache> cache = reading.join();
            Optional<SharedStep> step = cache.flatMap(one -> one.find(key));
            if (step.isPresent()
                    && isThere(cache.get().reference(), step.get().layer().digest())) {
                return step;
            }
        }
        return Optional.empty();
    }

    /// Where a layer of a step that was found lies.
    Optional<ImageReference> home(Digest layer) {
        return Optional.ofNullable(homes.get(layer));
    }

    private boolean isThere(ImageReference cache, Digest layer) {
        if (homes.containsKey(layer)) {
            return true;
        }
        try {
            if (registry.holds(cache, layer)) {
                homes.put(layer, cache);
                return true;
            }
        } catch (RegistryFailure e) {
            progress.warning("The cache " + cache + " is not used for one step: " + e.getMessage());
        }
        return false;
    }

    /// All of them are read side by side, when the first is needed.
    private synchronized List<CompletableFuture<Optional<RegistryCache>>> readings() {
        if (readings.isEmpty() && !references.isEmpty()) {
            readings = references.stream()
                    .map(reference -> CompletableFuture.supplyAsync(
                            () -> read(reference),
                            task -> Thread.ofVirtual().name("cache-import").start(task)))
                    .toList();
        }
        return readings;
    }

    private Optional<RegistryCache> read(ImageReference reference) {
        Progress.Activity activity = progress.start("[internal] import cache from " + reference);
        Instant start = clock.instant();
        RegistryCache.Reading reading = RegistryCache.read(registry, reference, platforms);
        switch (reading) {
            case RegistryCache.Reading.Found(RegistryCache cache) ->
                activity.note(cache.size() == 0 ? "it knows no step" : "it knows " + cache.size() + " steps");
            case RegistryCache.Reading.Absent() -> activity.note("there is none yet");
            case RegistryCache.Reading.Unusable(String why) ->
                progress.warning("The cache " + reference + " is not used. " + why);
        }
        activity.done(StepResult.ran(Duration.between(start, clock.instant())));
        return reading instanceof RegistryCache.Reading.Found(RegistryCache cache)
                ? Optional.of(cache)
                : Optional.empty();
    }
}
