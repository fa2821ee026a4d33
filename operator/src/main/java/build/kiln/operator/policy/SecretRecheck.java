package build.kiln.operator.policy;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildSpec;
import build.kiln.crds.Source;
import build.kiln.protocol.BuildReport.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// When a failure that another content of a Secret may take away is looked at again.
///
/// Kiln may not read Secrets, nor watch them: it sees that one was mended only by trying. The first looks come within
/// minutes, while somebody is likely to be at it; later ones hourly, for a day. Each costs a pod of some seconds, since
/// builders look at credentials before anything else.
final class SecretRecheck {

    private static final Set<String> REASONS = Set.of("SecretInvalid", "PullDenied", "PushDenied", "SourceDenied");
    private static final Backoff BACKOFF = new Backoff(Duration.ofMinutes(1), Duration.ofHours(1));
    private static final Duration LONGEST = Duration.ofHours(24);

    private SecretRecheck() {}

    /// @param rechecks how often the build was looked at again already
    /// @param since when the build was started
    /// @return empty if no Secret has to do with it, or if it was looked at for long enough
    static Optional<Instant> next(ImageBuild build, Result.Failed failure, int rechecks, Instant since, Instant ended) {
        boolean isWorthIt = REASONS.contains(failure.reason())
                && namesSecret(build.getSpec())
                && ended.isBefore(since.plus(LONGEST));
        return isWorthIt
                ? Optional.of(
                        ended.plus(BACKOFF.delay(rechecks, build.getMetadata().getUid())))
                : Optional.empty();
    }

    private static boolean namesSecret(ImageBuildSpec spec) {
        Source source = spec.source();
        return !spec.secrets().isEmpty()
                || !spec.ssh().isEmpty()
                || Stream.of(
                                spec.output().pushSecret(),
                                source.git() == null ? null : source.git().credentialsSecret(),
                                source.archive() == null
                                        ? null
                                        : source.archive().credentialsSecret(),
                                source.image() == null ? null : source.image().pullSecret())
                        .anyMatch(Objects::nonNull);
    }
}
