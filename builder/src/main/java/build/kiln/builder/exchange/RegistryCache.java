package build.kiln.builder.exchange;

import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.oci.ImageIndex;
import build.kiln.builder.oci.ImageManifest;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.MediaTypes;
import build.kiln.builder.oci.Platform;
import build.kiln.builder.registry.Registry;
import build.kiln.builder.registry.Resolved;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A cache that lies in a registry: an artifact of its own, or the records within an image.
///
/// The artifact is an image manifest with the [artifact type][#ARTIFACT_TYPE]. Its config is the document of all steps,
/// and its layers are theirs, so that the registry keeps them as long as it keeps the manifest.
///
/// @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage">
/// image-spec 1.1.1, Guidelines for Artifact Usage</a>
public final class RegistryCache {

    public static final String ARTIFACT_TYPE = "application/vnd.kiln.cache.v1";

    /// Of the document.
    public static final String STEPS_TYPE = "application/vnd.kiln.cache.steps.v1+json";

    private static final String BUILDKIT_TYPE = "application/vnd.buildkit.cacheconfig.v0";

    private final ImageReference reference;
    private final Map<CacheKey, SharedStep> steps;

    private RegistryCache(ImageReference reference, List<SharedStep> all) {
        this.reference = reference;
        Map<CacheKey, SharedStep> byKey = new HashMap<>();
        all.forEach(step -> step.keys().forEach(key -> byKey.putIfAbsent(key, step)));
        steps = Map.copyOf(byKey);
    }

    /// What reading a cache leads to. That there is none to read is nothing exceptional.
    public sealed interface Reading {

        record Found(RegistryCache cache) implements Reading {}

        /// There is no cache of this name yet.
        record Absent() implements Reading {}

        /// What is there cannot be read, or the registry does not give it.
        ///
        /// @param why a sentence
        record Unusable(String why) implements Reading {}
    }

    /// Reads the records and no layer.
    ///
    /// @param platforms whose images are looked at where `reference` leads to an index
    public static Reading read(Registry registry, ImageReference reference, List<Platform> platforms) {
        try {
            Resolved top = registry.resolve(reference);
            List<SharedStep> all = new ArrayList<>();
            for (ImageManifest manifest : manifests(registry, top, platforms)) {
                all.addAll(steps(registry, reference, manifest));
            }
            return new Reading.Found(new RegistryCache(reference, all));
        } catch (RegistryFailure e) {
            return e.reason() == Reason.ImageNotFound
                    ? new Reading.Absent()
                    : new Reading.Unusable(String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return new Reading.Unusable("It is not a cache that Kiln wrote: " + brief(e) + ".");
        }
    }

    private static String brief(IllegalArgumentException e) {
        String text = String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}+", " ");
        return text.length() > 300 ? text.substring(0, 300) + "…" : text;
    }

    private static List<ImageManifest> manifests(Registry registry, Resolved top, List<Platform> platforms) {
        if (!top.isIndex()) {
            return List.of(ImageManifest.parse(top.json()));
        }
        ImageIndex index = ImageIndex.parse(top.json());
        Map<Digest, ImageManifest> all = new LinkedHashMap<>();
        for (Platform platform : platforms) {
            index.select(platform)
                    .ifPresent(one -> all.computeIfAbsent(
                            one.digest(),
                            digest -> ImageManifest.parse(
                                    registry.resolve(top.image().withDigest(digest))
                                            .json())));
        }
        if (index.manifests().stream().anyMatch(one -> one.mediaType().equals(BUILDKIT_TYPE))) {
            throw new IllegalArgumentException("it is BuildKit's");
        }
        return List.copyOf(all.values());
    }

    private static List<SharedStep> steps(Registry registry, ImageReference reference, ImageManifest manifest) {
        String type = manifest.config().mediaType();
        if (type.equals(STEPS_TYPE)) {
            return StepsDocument.parse(registry.pullWhole(reference, manifest.config()), manifest.layers());
        }
        if (type.equals(BUILDKIT_TYPE)) {
            throw new IllegalArgumentException("it is BuildKit's");
        }
        return InlineCache.read(manifest);
    }

    /// Writes a cache. The layers have to be in the repository already.
    ///
    /// @return the manifest's descriptor
    /// @throws RegistryFailure if the registry does not take it; the tag has not moved then
    public static Descriptor write(Registry registry, ImageReference reference, List<SharedStep> steps) {
        byte[] document = StepsDocument.write(steps);
        Descriptor config = new Descriptor(STEPS_TYPE, Digest.of(document), document.length);
        List<Descriptor> layers =
                steps.stream().map(SharedStep::layer).distinct().toList();
        byte[] manifest = new ImageManifest(MediaTypes.OCI_MANIFEST, ARTIFACT_TYPE, config, layers, Map.of()).toJson();
        registry.push(reference, config, document);
        Descriptor stored = registry.pushManifest(reference, MediaTypes.OCI_MANIFEST, manifest);
        registry.tag(reference, stored, manifest);
        return stored;
    }

    /// Where it lies.
    public ImageReference reference() {
        return reference;
    }

    /// How many steps it knows.
    public int size() {
        return (int) steps.values().stream().distinct().count();
    }

    public Optional<SharedStep> find(CacheKey key) {
        return Optional.ofNullable(steps.get(key));
    }
}
