package build.kiln.operator.pod;

import build.kiln.crds.ArchiveSource;
import build.kiln.crds.CacheSettings;
import build.kiln.crds.ConfigMapSource;
import build.kiln.crds.FluxSource;
import build.kiln.crds.GitSource;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildSpec;
import build.kiln.crds.ImageSource;
import build.kiln.crds.InlineSource;
import build.kiln.crds.Output;
import build.kiln.crds.SecretMount;
import build.kiln.crds.Source;
import build.kiln.crds.Verify;
import build.kiln.crds.VolumeSource;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.IsolationDemand;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What a builder is asked to do, from what the user wants.
final class Requests {

    private Requests() {}

    static BuildRequest of(ImageBuild build, PodOrder order, ChosenRung rung, BuilderSettings settings) {
        ImageBuildSpec spec = build.getSpec();
        return new BuildRequest(
                BuildRequest.VERSION,
                build.getMetadata().getNamespace(),
                build.getMetadata().getName(),
                build.getMetadata().getUid(),
                order.generation(),
                order.attempt(),
                order.firstAttempt(),
                order.artifact().<BuildRequest.Source>map(artifact -> artifact).orElseGet(() -> source(spec.source())),
                spec.contextDir(),
                spec.dockerfile(),
                spec.target(),
                spec.buildArgs(),
                spec.contexts(),
                spec.secrets().stream().map(Requests::secret).toList(),
                spec.ssh().stream()
                        .map(key -> new BuildRequest.SshKey(key.id(), key.secret()))
                        .toList(),
                order.part().platform(),
                output(spec.output(), settings),
                scope(spec.cache(), settings),
                limits(settings.cacheLimits()),
                spec.cache().imports(),
                exports(spec.cache()),
                demand(RungDemand.of(spec, settings.rungs()), rung),
                pids(settings.rungs()),
                order.part().toRequest(),
                verify(spec.verify(), order),
                order.timeout().toSeconds());
    }

    private static @Nullable IsolationDemand demand(RungDemand demand, ChosenRung rung) {
        return demand.isNone() && rung.leftOut().isEmpty()
                ? null
                : new IsolationDemand(demand.minimum(), demand.demandedBy(), rung.leftOut());
    }

    private static @Nullable Integer pids(RungSettings settings) {
        return settings.pidsLimit() == RungSettings.USUAL_PIDS ? null : settings.pidsLimit();
    }

    private static BuildRequest.Source source(Source source) {
        GitSource git = source.git();
        if (git != null) {
            return new BuildRequest.Source.Git(git.url(), git.revision(), git.submodules(), git.credentialsSecret());
        }
        ArchiveSource archive = source.archive();
        if (archive != null) {
            return new BuildRequest.Source.Archive(archive.url(), archive.sha256(), archive.credentialsSecret());
        }
        ConfigMapSource configMap = source.configMap();
        if (configMap != null) {
            return new BuildRequest.Source.ConfigMap(configMap.name());
        }
        ImageSource image = source.image();
        if (image != null) {
            return new BuildRequest.Source.Image(image.reference(), image.pullSecret());
        }
        InlineSource inline = source.inline();
        if (inline != null) {
            return new BuildRequest.Source.Inline(inline.files());
        }
        VolumeSource volume = source.volume();
        if (volume != null) {
            return new BuildRequest.Source.Volume(volume.claimName(), volume.path());
        }
        FluxSource flux = source.flux();
        if (flux != null) {
            // Of a pod that needs none: nobody reads it.
            String none = "none";
            return new BuildRequest.Source.Flux(flux.kind() + " " + flux.name(), none, none, none);
        }
        throw new IllegalArgumentException("spec.source is of a kind that no builder takes; it had to be refused.");
    }

    private static BuildRequest.RunSecret secret(SecretMount mount) {
        String key = mount.key();
        return new BuildRequest.RunSecret(mount.id(), mount.secret(), key == null ? mount.id() : key);
    }

    private static BuildRequest.Output output(Output output, BuilderSettings settings) {
        return new BuildRequest.Output(
                output.image(),
                output.tags(),
                output.pushSecret(),
                switch (output.compression()) {
                    case GZIP -> BuildRequest.Compression.GZIP;
                    case ZSTD -> BuildRequest.Compression.ZSTD;
                },
                output.labels(),
                output.annotations(),
                output.predefinedAnnotations() ? true : null,
                switch (output.provenance()) {
                    case OFF -> null;
                    case MIN -> new BuildRequest.Provenance(BuildRequest.Detail.MIN, settings.builderId());
                    case MAX -> new BuildRequest.Provenance(BuildRequest.Detail.MAX, settings.builderId());
                });
    }

    private static BuildRequest.@Nullable Verify verify(@Nullable Verify verify, PodOrder order) {
        if (verify == null) {
            return null;
        }
        return new BuildRequest.Verify(
                verify.run(),
                order.verifyTimeout().toSeconds(),
                switch (verify.network()) {
                    case NONE -> BuildRequest.Network.NONE;
                    case HOST -> BuildRequest.Network.HOST;
                });
    }

    private static List<BuildRequest.CacheExport> exports(CacheSettings cache) {
        return cache.exports().stream()
                .map(export -> new BuildRequest.CacheExport(
                        export.reference(),
                        switch (export.mode()) {
                            case MIN -> BuildRequest.CacheMode.MIN;
                            case MAX -> BuildRequest.CacheMode.MAX;
                        }))
                .toList();
    }

    private static BuildRequest.@Nullable CacheLimits limits(BuilderSettings.CacheLimits limits) {
        return limits.equals(BuilderSettings.CacheLimits.CHOSEN_BY_BUILDER)
                ? null
                : new BuildRequest.CacheLimits(orNull(limits.maxBytes()), orNull(limits.minFreeBytes()));
    }

    private static @Nullable Long orNull(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }

    /// Without a claim the volume ends with the pod: nothing stays for a later attempt, and the builder has to know.
    private static BuildRequest.CacheScope scope(CacheSettings cache, BuilderSettings settings) {
        if (settings.cacheClaim().isEmpty()) {
            return BuildRequest.CacheScope.NONE;
        }
        return switch (cache.scope()) {
            case NAMESPACE ->
                cache.readOnly() ? BuildRequest.CacheScope.NAMESPACE_READ_ONLY : BuildRequest.CacheScope.NAMESPACE;
            case BUILD -> BuildRequest.CacheScope.BUILD;
            case NONE -> BuildRequest.CacheScope.NONE;
        };
    }
}
