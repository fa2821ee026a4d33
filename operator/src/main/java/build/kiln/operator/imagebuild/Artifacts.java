package build.kiln.operator.imagebuild;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.FluxSource;
import build.kiln.crds.ImageBuild;
import build.kiln.operator.flux.FluxObject;
import build.kiln.operator.flux.FluxSources;
import build.kiln.operator.flux.Sight;
import build.kiln.operator.policy.BuildReason;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.status.News;
import build.kiln.protocol.BuildRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The artifacts of ImageBuilds whose source is Flux's.
final class Artifacts {

    private final Optional<FluxSources> flux;

    /// @param flux empty if the operator is not to look at Flux's objects
    Artifacts(Optional<FluxSources> flux) {
        this.flux = flux;
    }

    /// What there is to build from.
    sealed interface Found {

        /// The source is not Flux's, and needs nothing.
        record NotNeeded() implements Found {}

        record Artifact(BuildRequest.Source.Flux artifact) implements Found {}

        /// It comes by itself.
        record Delayed(Reasons reason, String message) implements Found {}

        /// Somebody has to do something.
        record Blocked(Reasons reason, String message) implements Found {}
    }

    Found find(ImageBuild build) {
        FluxSource source = build.getSpec().source().flux();
        if (source == null) {
            return new Found.NotNeeded();
        }
        if (flux.isEmpty()) {
            return new Found.Blocked(
                    Reasons.FluxSourceMissing,
                    "This operator does not look at Flux's objects (spec.source.flux). The chart's value flux.enabled lets it, or name the source in spec.source.git or spec.source.archive.");
        }
        return switch (flux.get().look(object(build, source))) {
            case Sight.Ready(var artifact) -> new Found.Artifact(artifact);
            case Sight.NotReady(String message) -> new Found.Delayed(Reasons.FluxSourceNotReady, message);
            case Sight.Missing(String message) -> new Found.Blocked(Reasons.FluxSourceMissing, message);
        };
    }

    /// Whether Flux has something else than what was built last. A build that runs is let alone.
    List<News> notes(ImageBuild build) {
        BuildStatus last = build.getStatus() == null ? null : build.getStatus().build();
        if (build.getSpec().suspend()
                || last == null
                || last.finishedAt() == null
                || last.nextAttemptAt() != null
                || last.artifactDigest() == null) {
            return List.of();
        }
        return find(build) instanceof Found.Artifact(var artifact)
                        && !artifact.digest().equals(last.artifactDigest())
                ? List.of(new News.Due(BuildReason.SourceRevision, Optional.of(artifact.revision())))
                : List.of();
    }

    /// A new artifact may have come while a build ran.
    static Optional<Duration> afterwards(ImageBuild build, List<News> news) {
        return build.getSpec().source().flux() != null && Rebuilds.haveEnded(news)
                ? Optional.of(Duration.ZERO)
                : Optional.empty();
    }

    static boolean isFrom(ImageBuild build, FluxObject object) {
        FluxSource source = build.getSpec().source().flux();
        return source != null && object(build, source).equals(object);
    }

    private static FluxObject object(ImageBuild build, FluxSource source) {
        return new FluxObject(build.getMetadata().getNamespace(), source.kind(), source.name());
    }
}
