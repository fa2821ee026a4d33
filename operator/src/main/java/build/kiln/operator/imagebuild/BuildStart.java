package build.kiln.operator.imagebuild;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.Verify;
import build.kiln.operator.imagebuild.AdmittedRungs.Answer;
import build.kiln.operator.imagebuild.AdmittedRungs.Refusal;
import build.kiln.operator.imagebuild.BuilderPodsInCluster.Creation;
import build.kiln.operator.imagebuild.CacheClaimsInCluster.Claim;
import build.kiln.operator.pod.BuilderPods;
import build.kiln.operator.pod.CacheClaim;
import build.kiln.operator.pod.CacheUse;
import build.kiln.operator.pod.ChosenRung;
import build.kiln.operator.pod.PodOrder;
import build.kiln.operator.pod.PodPart;
import build.kiln.operator.pod.RungDemand;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.GoDuration;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.policy.Refusals;
import build.kiln.operator.progress.Progress;
import build.kiln.operator.queue.Turn;
import build.kiln.operator.status.News;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Part;
import build.kiln.protocol.Rung;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Starts an attempt: asks for its turn, sees to the cache, finds the rung that the namespace admits, makes the pod.
final class BuildStart {

    private static final Duration LOOK_AT_REFUSED = Duration.ofMinutes(1);
    private static final Duration LOOK_AT_DELAYED = Duration.ofSeconds(10);

    /// Nobody tells of a pod that no node takes.
    private static final Duration LOOK_AT_CREATED = Duration.ofSeconds(5);

    private static final Duration LOOK_AT_FOUND = Duration.ofMillis(100);

    private final BuilderPods desiredPods;
    private final BuilderPodsInCluster pods;
    private final CacheClaimsInCluster claims;
    private final AdmittedRungs rungs;
    private final Artifacts artifacts;
    private final Cluster cluster;
    private final Clock clock;

    BuildStart(
            BuilderPods desiredPods,
            BuilderPodsInCluster pods,
            CacheClaimsInCluster claims,
            AdmittedRungs rungs,
            Artifacts artifacts,
            Cluster cluster,
            Clock clock) {
        this.desiredPods = desiredPods;
        this.pods = pods;
        this.claims = claims;
        this.rungs = rungs;
        this.artifacts = artifacts;
        this.cluster = cluster;
        this.clock = clock;
    }

    /// Starts a build for one platform.
    Outcome startWhole(ImageBuild build, Attempt attempt) {
        List<String> platforms = build.getSpec().platforms();
        String platform = platforms.isEmpty() ? desiredPods.settings().platform() : platforms.getFirst();
        return start(build, new PodPart.Whole(platform), attempt);
    }

    /// Starts the pod that pushes the index. It runs nothing of the user's, so it has the weakest rung, which may do
    /// the least.
    Outcome startIndex(ImageBuild build, List<Part.Image> images, Attempt attempt) {
        PodPart part = new PodPart.Index(desiredPods.settings().platform(), images);
        Optional<Outcome> waiting = waiting(build, attempt);
        if (waiting.isPresent()) {
            return waiting.get();
        }
        Creation creation =
                pods.create(desired(build, part, attempt, Optional.empty(), new ChosenRung(Rung.ASSEMBLE, List.of())));
        if (creation instanceof Creation.NotAdmitted(Reasons reason, String words)) {
            return notNow(
                    build,
                    Outcome.of(
                            new News.Blocked(
                                    reason,
                                    "Namespace %s does not admit the pod that pushes the index: %s. It is tried again every minute."
                                            .formatted(build.getMetadata().getNamespace(), words)),
                            LOOK_AT_REFUSED));
        }
        return made(build, attempt, creation);
    }

    /// @param build with the status of the part
    Outcome start(ImageBuild build, PodPart part, Attempt attempt) {
        return switch (artifacts.find(build)) {
            case Artifacts.Found.NotNeeded() -> startOf(build, part, attempt);
            case Artifacts.Found.Artifact(var artifact) -> startOf(build, part, attempt.of(artifact));
            case Artifacts.Found.Delayed(Reasons reason, String message) ->
                Outcome.of(new News.Delayed(reason, message), LOOK_AT_REFUSED);
            case Artifacts.Found.Blocked(Reasons reason, String message) ->
                Outcome.of(new News.Blocked(reason, message), LOOK_AT_REFUSED);
        };
    }

    private Outcome startOf(ImageBuild build, PodPart part, Attempt attempt) {
        Optional<Outcome> waiting = waiting(build, attempt);
        if (waiting.isPresent() && isKnownToFit(build)) {
            return waiting.get();
        }
        int bytes = BuilderPods.requestBytes(desired(build, part, attempt, Optional.empty(), ChosenRung.STRONGEST));
        if (bytes > BuilderPods.MAX_REQUEST_BYTES) {
            Result.Failed tooLarge = Refusals.sourceTooLarge(bytes, BuilderPods.MAX_REQUEST_BYTES);
            return notNow(
                    build,
                    Outcome.of(new News.Failed(
                            tooLarge,
                            Optional.empty(),
                            Optional.empty(),
                            Progress.NONE,
                            Optional.of(attempt),
                            Optional.empty())));
        }
        if (waiting.isPresent()) {
            return waiting.get();
        }
        Optional<CacheClaim> claim =
                desiredPods.settings().claimFor(build.getSpec().cache().scope(), part);
        return switch (claims.ensure(build.getMetadata().getNamespace(), claim)) {
            case Claim.Ready(Optional<CacheUse> cache) -> make(build, part, attempt, cache);
            case Claim.Delayed(Reasons reason, String message) -> delayed(build, reason, message);
            case Claim.Refused(Reasons reason, String message) ->
                notNow(build, Outcome.of(new News.Blocked(reason, message), LOOK_AT_REFUSED));
            case Claim.Pointless() -> notNow(build, Outcome.nothing());
        };
    }

    /// Asks for the build's turn.
    ///
    /// @return empty if it has come
    private Optional<Outcome> waiting(ImageBuild build, Attempt attempt) {
        return switch (cluster.askToStart(Tickets.of(build, attempt, clock))) {
            case Turn.Now() -> Optional.empty();
            case Turn.NotYet notYet -> Optional.of(Outcome.lookingAgain(Tickets.lookAgain(build, notYet)));
            case Turn.Later later ->
                Optional.of(
                        Outcome.of(new News.Delayed(Reasons.Queued, later.message()), Tickets.lookAgain(build, later)));
        };
    }

    /// What waits for its turn has been measured before: thousands that wait are looked at over and over, and to make a
    /// pod for each is most of what that costs.
    private static boolean isKnownToFit(ImageBuild build) {
        return Tickets.isQueued(build)
                && build.getMetadata().getGeneration().equals(build.getStatus().observedGeneration());
    }

    private Outcome notNow(ImageBuild build, Outcome outcome) {
        cluster.giveBack(Tickets.key(build));
        return outcome;
    }

    /// What the quota refuses waits for a build of its namespace to end; all else is looked at soon.
    private Outcome delayed(ImageBuild build, Reasons reason, String message) {
        News news = new News.Delayed(reason, message);
        return reason == Reasons.QuotaExceeded
                ? Outcome.of(news, cluster.turnedAway(Tickets.key(build)))
                : notNow(build, Outcome.of(news, LOOK_AT_DELAYED));
    }

    /// Goes down from rung to rung until a pod is made, or there is none left.
    private Outcome make(ImageBuild build, PodPart part, Attempt attempt, Optional<CacheUse> cache) {
        Map<Rung, Refusal> refused = new EnumMap<>(Rung.class);
        while (true) {
            Answer answer = rungs.ask(
                    build.getMetadata().getNamespace(),
                    RungDemand.of(build.getSpec(), desiredPods.settings().rungs()),
                    rung -> desired(build, part, attempt, cache, rung),
                    refused);
            switch (answer) {
                case Answer.Admitted(ChosenRung rung) -> {
                    Creation creation = pods.create(desired(build, part, attempt, cache, rung));
                    if (creation instanceof Creation.NotAdmitted(Reasons reason, String words)) {
                        // What is remembered is no longer so.
                        refused.put(rung.rung(), new Refusal(reason, words));
                    } else {
                        return made(build, attempt, creation);
                    }
                }
                case Answer.Refused(Reasons reason, String message) -> {
                    return notNow(build, Outcome.of(new News.Blocked(reason, message), LOOK_AT_REFUSED));
                }
                case Answer.Pointless() -> {
                    return notNow(build, Outcome.nothing());
                }
            }
        }
    }

    private Pod desired(ImageBuild build, PodPart part, Attempt attempt, Optional<CacheUse> cache, ChosenRung rung) {
        return desiredPods.desired(
                build,
                new PodOrder(
                        part,
                        attempt.generation(),
                        attempt.number(),
                        attempt.first(),
                        GoDuration.parse(build.getSpec().timeout()),
                        build.getSpec().verify() instanceof Verify verify
                                ? GoDuration.parse(verify.timeout())
                                : Duration.ZERO,
                        attempt.uncounted().memory(build.getSpec().retryWithMemory()),
                        cache,
                        attempt.artifact()),
                rung);
    }

    private Outcome made(ImageBuild build, Attempt attempt, Creation creation) {
        return switch (creation) {
            case Creation.Created(Pod pod) -> {
                cluster.made(Tickets.key(build));
                yield Outcome.of(started(attempt, pod), LOOK_AT_CREATED);
            }
            // What it did until now has made its events already; it may even have ended.
            case Creation.Found(Pod pod) -> notNow(build, Outcome.of(started(attempt, pod), LOOK_AT_FOUND));
            case Creation.Delayed(Reasons reason, String message) -> delayed(build, reason, message);
            case Creation.Refused(Reasons reason, String message) ->
                notNow(build, Outcome.of(new News.Blocked(reason, message), LOOK_AT_REFUSED));
            case Creation.NotAdmitted notAdmitted ->
                throw new IllegalStateException("The next rung had to be tried: " + notAdmitted);
            case Creation.Pointless() -> notNow(build, Outcome.nothing());
        };
    }

    private static News started(Attempt attempt, Pod pod) {
        return new News.Started(attempt, pod.getMetadata().getName(), BuilderPods.artifactDigest(pod));
    }
}
