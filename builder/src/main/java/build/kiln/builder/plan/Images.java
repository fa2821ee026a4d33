package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.NearestWord;
import build.kiln.builder.oci.ImageReference;
import build.kiln.builder.oci.Platform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Looks up what a name stands for: nothing, a named context, or an image. Each image is asked for once.
final class Images {

    private record Key(String name, Platform platform) {}

    /// What a name stands for.
    sealed interface Found {

        /// `scratch`.
        record Nothing() implements Found {}

        record Image(BaseImage image) implements Found {}

        /// A named context without a config.
        record Tree(String contextName) implements Found {}
    }

    private final BaseImages registry;
    private final Contexts contexts;
    private final List<String> stageNames;
    private final Map<Key, BaseImage> resolved = new LinkedHashMap<>();
    private final Map<Key, BaseImage> found = new LinkedHashMap<>();

    Images(BaseImages registry, Contexts contexts, List<String> stageNames) {
        this.registry = registry;
        this.contexts = contexts;
        this.stageNames = stageNames;
    }

    List<BaseImage> all() {
        return new ArrayList<>(resolved.values());
    }

    /// @throws build.kiln.builder.failure.BuildFailure if it is no image reference, or cannot be resolved
    Found find(String name, Platform platform, Origin origin) {
        if (name.equals("scratch")) {
            return new Found.Nothing();
        }
        Contexts.Entry entry = contexts.find(name);
        Found what = entry == null ? image(name, platform, origin) : context(entry, platform, origin);
        if (what instanceof Found.Image(BaseImage image)) {
            found.put(new Key(name, platform), image);
        }
        return what;
    }

    /// What an earlier question for this name led to; null if nobody asked, or it is no image.
    @Nullable
    BaseImage known(String name, Platform platform) {
        return found.get(new Key(name, platform));
    }

    FileSource files(String name, Platform platform, Origin origin) {
        return switch (find(name, platform, origin)) {
            case Found.Nothing() -> new FileSource.Empty();
            case Found.Image(BaseImage image) -> new FileSource.Image(image);
            case Found.Tree(String contextName) -> new FileSource.NamedContext(contextName);
        };
    }

    /// Also of what is not needed, a name has to be a name.
    void checkReference(String name, Origin origin) {
        if (!name.equals("scratch") && contexts.find(name) == null) {
            parse(name, origin);
        }
    }

    private Found context(Contexts.Entry entry, Platform platform, Origin origin) {
        return switch (entry.context()) {
            case NamedContext.Image(String reference) when reference.equals("scratch") -> new Found.Nothing();
            case NamedContext.Image(String reference) -> image(reference, platform, origin);
            case NamedContext.OciLayout(String location) ->
                new Found.Image(resolve("oci-layout://" + location, platform, origin));
            case NamedContext.Tree(String location) -> new Found.Tree(entry.name());
        };
    }

    private Found image(String name, Platform platform, Origin origin) {
        parse(name, origin);
        return new Found.Image(resolve(name, platform, origin));
    }

    private BaseImage resolve(String name, Platform platform, Origin origin) {
        BaseImage known = resolved.get(new Key(name, platform));
        if (known != null) {
            return known;
        }
        BaseImage image = registry.resolve(name, platform, origin.place());
        resolved.put(new Key(name, platform), image);
        return image;
    }

    private void parse(String name, Origin origin) {
        try {
            ImageReference.parse(name);
        } catch (IllegalArgumentException e) {
            throw origin.failure(
                    origin.keyword().toUpperCase(Locale.ROOT) + " names no stage before it, and " + e.getMessage()
                            + ".",
                    NearestWord.advice(name, stageNames, "Write an image as registry/repository:tag."));
        }
    }
}
