package build.kiln.builder.registry;

import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RegistryFailure;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.ImageReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Where images are: reads registries.conf once, and keeps one [Endpoint] a host.
final class Places {

    private final @Nullable Path file;
    private final Map<String, Endpoint> endpoints = new ConcurrentHashMap<>();
    private volatile @Nullable RegistriesConf conf;

    Places(@Nullable Path file) {
        this.file = file;
    }

    /// The mirrors, then the registry itself.
    ///
    /// @throws RequestFailure `RequestInvalid` if registries.conf is broken
    /// @throws RegistryFailure `PullDenied` if it blocks the image
    List<Place> toPull(ImageReference image) {
        refuseBlocked(Errand.pull(image), Reason.PullDenied);
        return conf().sources(image).stream().map(this::place).toList();
    }

    /// Where an image may have been pulled from, whatever is blocked now.
    List<Place> known(ImageReference image) {
        return conf().sources(image).stream().map(this::place).toList();
    }

    /// @throws RegistryFailure `PushDenied` if registries.conf blocks the image
    Place toPush(ImageReference image) {
        refuseBlocked(Errand.push(image), Reason.PushDenied);
        return place(conf().target(image));
    }

    private void refuseBlocked(Errand errand, Reason reason) {
        conf().blocking(errand.image()).ifPresent(rule -> {
            throw new RegistryFailure(
                    reason,
                    "",
                    errand.subject() + " was refused: " + file + " blocks \"" + rule.prefix() + "\".",
                    "Name an image of another registry, or take \"blocked = true\" out of that table.");
        });
    }

    private RegistriesConf conf() {
        RegistriesConf known = conf;
        if (known == null) {
            known = RegistriesConf.read(file);
            conf = known;
        }
        return known;
    }

    private Place place(Source source) {
        String key = (source.insecure() ? "insecure " : "") + source.host();
        Endpoint endpoint = endpoints.computeIfAbsent(key, _ -> new Endpoint(source.host(), source.insecure()));
        return new Place(endpoint, source.repository(), source.mirror());
    }
}
