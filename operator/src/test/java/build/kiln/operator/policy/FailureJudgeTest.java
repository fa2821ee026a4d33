package build.kiln.operator.policy;

import static build.kiln.operator.policy.Fixtures.CLOCK;
import static build.kiln.operator.policy.Fixtures.NOW;
import static build.kiln.operator.policy.Fixtures.failed;
import static build.kiln.operator.policy.Fixtures.imageBuild;
import static build.kiln.operator.policy.Fixtures.leaving;
import static build.kiln.operator.policy.Fixtures.pod;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Fault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What follows from an attempt that ran out of memory, met a Secret that is of no use, or lost its node.
class FailureJudgeTest {

    private static final Instant ENDED = NOW.minusSeconds(2);
    private static final String WITH_SECRET = "secrets: [{id: npmrc, secret: npm, key: .npmrc}]";

    @Test
    void memoryIsDoubledAndTheAttemptIsNoRetry() {
        ImageBuild build = imageBuild(1, "retries: 0, retryWithMemory: 4Gi", building(0, ""));
        Verdict.RetryLater verdict = (Verdict.RetryLater) judge(build, outOfMemory(0));
        assertThat(verdict.at()).isEqualTo(ENDED);
        assertThat(verdict.failure().message())
                .isEqualTo("It broke. The next attempt has 1Gi of memory (spec.retryWithMemory).");
        assertThat(verdict.uncounted()).isEqualTo(new Uncounted(0, List.of("512Mi"), 0, 0, 0));
        assertThat(verdict.uncounted().memory("4Gi")).contains("1Gi");
    }

    @Test
    void memoryIsNotRaisedBeyondWhatIsAllowed() {
        ImageBuild last = imageBuild(1, "retryWithMemory: 700Mi", building(0, ""));
        assertThat(((Verdict.RetryLater) judge(last, outOfMemory(0))).failure().message())
                .isEqualTo("It broke. The next attempt has 700Mi of memory (spec.retryWithMemory).");
        ImageBuild none = imageBuild(1, "retryWithMemory: 512Mi", building(2, "outOfMemoryWith: [128Mi, 256Mi]"));
        assertThat(((Verdict.Failed) judge(none, outOfMemory(2))).failure().message())
                .isEqualTo("It broke. 128Mi, 256Mi, 512Mi of memory were not enough, and spec.retryWithMemory allows no"
                        + " more than 512Mi.");
    }

    /// The API server has it as 1395864371200m.
    @Test
    void memoryThatIsNoWholeNumberOfBytesIsDoubledToo() {
        ImageBuild build = imageBuild(1, "retryWithMemory: 4Gi", building(0, ""));
        assertThat(((Verdict.RetryLater) judge(build, withLimit(outOfMemory(0), "1395864371200m")))
                        .failure()
                        .message())
                .isEqualTo("It broke. The next attempt has 2791728743 of memory (spec.retryWithMemory).");
    }

    /// Somebody else sets the limits of pods here, or the pod is one that has a limit of its own.
    @Test
    void moreMemoryThatDidNotComeIsNotAskedForAgainAndAgain() {
        ImageBuild build = imageBuild(1, "retryWithMemory: 4Gi", building(1, "outOfMemoryWith: [512Mi]"));
        assertThat(judge(build, outOfMemory(1)))
                .isInstanceOfSatisfying(
                        Verdict.Failed.class,
                        v -> assertThat(v.failure().message())
                                .isEqualTo("It broke. The attempt before it had 512Mi of memory, and this one was to"
                                        + " have 1Gi (spec.retryWithMemory): something in the cluster sets the limits"
                                        + " of pods anew."));
    }

    /// The same limit would be used up again.
    @Test
    void withoutAWordAboutMemoryAnOomIsFinal() {
        assertThat(judge(imageBuild(1, "retries: 5", building(0, "")), outOfMemory(0)))
                .isInstanceOfSatisfying(
                        Verdict.Failed.class,
                        v -> assertThat(v.failure().message()).isEqualTo("It broke."));
    }

    @Test
    void aPodWithoutALimitRanOutOfTheNodesMemoryAndMayFindABetterNode() {
        assertThat(judge(imageBuild(1, "", building(0, "")), withoutLimit(outOfMemory(0))))
                .isInstanceOf(Verdict.RetryLater.class);
    }

    @Test
    void whatFailsAfterwardsHasAllItsRetries() {
        String before = "outOfMemoryWith: [128Mi, 256Mi], rechecks: 1, pendingPushes: 1";
        BuilderPod pod = pod(1, 4, new PodState.Reported(failed("DiskFull", Fault.PLATFORM)));
        assertThat(judge(imageBuild(1, "retries: 1", building(4, before)), pod)).isInstanceOf(Verdict.RetryLater.class);
        assertThat(judge(imageBuild(1, "retries: 0", building(4, before)), pod)).isInstanceOf(Verdict.Failed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SecretInvalid", "PullDenied", "PushDenied", "SourceDenied"})
    void whatASecretMayHaveCausedIsLookedAtAgainWithinMinutes(String reason) {
        ImageBuild build = imageBuild(1, WITH_SECRET, building(0, "startedAt: \"2026-03-01T11:59:00Z\""));
        assertThat(lookAgain(build, 0, reason))
                .hasValueSatisfying(at -> assertThat(at).isBetween(ENDED.plusSeconds(48), ENDED.plusSeconds(72)));
    }

    @Test
    void laterLooksAreHourlyAndEndAfterADay() {
        String ninth = "rechecks: 9, startedAt: \"%s\"";
        ImageBuild build = imageBuild(1, WITH_SECRET, building(9, ninth.formatted("2026-02-28T12:01:00Z")));
        assertThat(lookAgain(build, 9, "PushDenied"))
                .hasValueSatisfying(at -> assertThat(at).isBetween(ENDED.plusSeconds(2880), ENDED.plusSeconds(4320)));
        ImageBuild old = imageBuild(1, WITH_SECRET, building(9, ninth.formatted("2026-02-28T11:59:00Z")));
        assertThat(lookAgain(old, 9, "PushDenied")).isEmpty();
    }

    @Test
    void aBuildWithoutSecretsHasNoneToWaitFor() {
        assertThat(lookAgain(imageBuild(1, "", building(0, "")), 0, "PullDenied"))
                .isEmpty();
        assertThat(lookAgain(imageBuild(1, WITH_SECRET, building(0, "")), 0, "RunFailed"))
                .isEmpty();
    }

    @Test
    void aFailedBuildThatIsLookedAtAgainStartsAtItsTime() {
        String failed =
                "phase: Failed, build: {generation: 1, attempt: 0, firstAttempt: 0, pod: web-1-0, reason: Created,"
                        + " rechecks: 1, nextAttemptAt: \"%s\"}";
        Judge judge = new Judge(CLOCK, Duration.ofMinutes(10));
        assertThat(judge.judge(imageBuild(1, WITH_SECRET, failed.formatted("2026-03-01T12:01:00Z")), List.of()))
                .isEqualTo(new Verdict.Waiting(Instant.parse("2026-03-01T12:01:00Z")));
        assertThat(judge.judge(imageBuild(1, WITH_SECRET, failed.formatted("2026-03-01T11:59:59Z")), List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(
                        1, 1, 0, BuildReason.Created, null, new Uncounted(0, List.of(), 1, 0, 0), Optional.empty())));
    }

    @Test
    void aPodThatItsNodeDoesNotLetGoIsNotWaitedForForEver() {
        BuilderPod pod = leaving(pod(1, 0, new PodState.Running()));
        ImageBuild build = imageBuild(1, "", building(0, ""));
        assertThat(at(Duration.ofSeconds(149)).judge(build, List.of(pod)))
                .isEqualTo(new Verdict.Building(pod, NOW.plusSeconds(150)));
        assertThat(at(Duration.ofSeconds(150)).judge(build, List.of(pod)))
                .isInstanceOfSatisfying(Verdict.RetryLater.class, v -> {
                    assertThat(v.failure().reason()).isEqualTo("Disrupted");
                    assertThat(v.failure().message())
                            .isEqualTo(
                                    "Pod web-1-0 was to be gone by 2026-03-01T12:00:30Z, and node node-1 has not said"
                                            + " that it is: the node does not answer. The build goes on from its last finished"
                                            + " step.");
                });
    }

    @Test
    void aPodOnALostNodeKeepsNoOtherFromStarting() {
        BuilderPod lost = leaving(pod(1, 0, new PodState.Running()));
        ImageBuild next = imageBuild(2, "", building(0, ""));
        assertThat(at(Duration.ZERO).judge(next, List.of(lost))).isInstanceOf(Verdict.Superseding.class);
        assertThat(at(Duration.ofMinutes(3)).judge(next, List.of(lost))).isInstanceOf(Verdict.Due.class);
    }

    private static Judge at(Duration later) {
        return new Judge(Clock.offset(CLOCK, later), Duration.ofMinutes(10));
    }

    private static Verdict judge(ImageBuild build, BuilderPod pod) {
        return at(Duration.ZERO).judge(build, List.of(pod));
    }

    @Test
    void aPodThatKueueTakesAwayIsMadeAgainAndUsesNoRetry() {
        PodState evicted = new PodState.Died(
                new Result.Failed("EvictedByKueue", Fault.PLATFORM, "Kueue took it away.", null, null, List.of()));
        ImageBuild build = imageBuild(1, "retries: 0", building(3, "evictions: 3"));
        assertThat(judge(build, pod(1, 3, evicted))).isInstanceOfSatisfying(Verdict.RetryLater.class, v -> {
            assertThat(v.uncounted()).isEqualTo(new Uncounted(0, List.of(), 0, 4, 0));
            // The delay does not grow: Kueue has a queue.
            assertThat(v.at()).isBetween(ENDED.plusSeconds(8), ENDED.plusSeconds(12));
        });
        ImageBuild other = imageBuild(1, "retries: 1", building(3, "evictions: 3"));
        assertThat(judge(other, pod(1, 3, new PodState.Reported(failed("RegistryUnavailable", Fault.REMOTE)))))
                .isInstanceOf(Verdict.RetryLater.class);
    }

    /// The first attempt after two refusals fails: it is the first that ran.
    @Test
    void anAttemptThatItsNodeRefusedUsesNoRetry() {
        PodState failed = new PodState.Reported(failed("RegistryUnavailable", Fault.REMOTE));
        ImageBuild build = imageBuild(1, "retries: 1", building(2, "refusals: 2"));
        assertThat(judge(build, pod(1, 2, failed))).isInstanceOfSatisfying(Verdict.RetryLater.class, v -> {
            assertThat(v.uncounted()).isEqualTo(new Uncounted(0, List.of(), 0, 0, 2));
            assertThat(v.at()).isBetween(ENDED.plusSeconds(8), ENDED.plusSeconds(12));
        });
        assertThat(judge(imageBuild(1, "retries: 1", building(3, "refusals: 2")), pod(1, 3, failed)))
                .isInstanceOf(Verdict.Failed.class);
    }

    /// Where each node refuses anew, the refusals become failures that use up the retries.
    @Test
    void aBuildThatIsRefusedAgainAndAgainFailsInTheEnd() {
        PodState refused = new PodState.Died(
                new Result.Failed("UserNamespaceRefused", Fault.PLATFORM, "It cannot.", null, null, List.of()));
        assertThat(judge(imageBuild(1, "retries: 1", building(2, "refusals: 2")), pod(1, 2, refused)))
                .isInstanceOf(Verdict.LowerRung.class);
        assertThat(judge(imageBuild(1, "retries: 1", building(3, "refusals: 3")), pod(1, 3, refused)))
                .isInstanceOf(Verdict.RetryLater.class);
        assertThat(judge(imageBuild(1, "retries: 1", building(4, "refusals: 3")), pod(1, 4, refused)))
                .isInstanceOf(Verdict.Failed.class);
    }

    @Test
    void aPodOfKueuesQueueThatIsGoneWithoutAWordUsesNoRetry() {
        String queued = "retries: 0, pod: {labels: {kueue.x-k8s.io/queue-name: builds}}";
        assertThat(judge(imageBuild(1, queued, building(0, "")), anotherPod()))
                .isInstanceOfSatisfying(Verdict.RetryLater.class, v -> {
                    assertThat(v.uncounted().evictions()).isEqualTo(1);
                    assertThat(v.failure().message())
                            .isEqualTo(
                                    "Pod web-1-0 was deleted before it had reported, as Kueue does with what it evicts. It is made again, and the build goes on from its last finished step.");
                });
        assertThat(judge(imageBuild(1, "retries: 0", building(0, "")), anotherPod()))
                .isInstanceOfSatisfying(
                        Verdict.Failed.class,
                        v -> assertThat(v.failure().reason()).isEqualTo("PodDeleted"));
    }

    private static Optional<Instant> lookAgain(ImageBuild build, int attempt, String reason) {
        BuilderPod pod = pod(1, attempt, new PodState.Reported(failed(reason, Fault.USER)));
        return ((Verdict.Failed) judge(build, pod)).lookAgain();
    }

    /// Of an attempt that nobody asks about any more.
    private static BuilderPod anotherPod() {
        return pod(1, 9, new PodState.Reported(failed("RunFailed", Fault.USER)));
    }

    /// A builder's report says that a RUN was killed; its pod has a limit of 512Mi.
    private static BuilderPod outOfMemory(int attempt) {
        return pod(1, attempt, new PodState.Reported(failed("OutOfMemory", Fault.PLATFORM)));
    }

    private static BuilderPod withoutLimit(BuilderPod pod) {
        return with(pod, Optional.empty());
    }

    private static BuilderPod withLimit(BuilderPod pod, String limit) {
        return with(pod, Optional.of(limit));
    }

    private static BuilderPod with(BuilderPod pod, Optional<String> limit) {
        return new BuilderPod(
                pod.name(),
                pod.uid(),
                pod.part(),
                pod.circumstances(),
                pod.generation(),
                pod.attempt(),
                pod.node(),
                pod.leavesBy(),
                pod.createdAt(),
                pod.limitedFrom(),
                pod.startedAt(),
                pod.endedAt(),
                limit,
                pod.state());
    }

    private static String building(int attempt, String more) {
        return "phase: Building, build: {generation: 1, attempt: %d, firstAttempt: 0, pod: web-1-%d, reason: Created%s}"
                .formatted(attempt, attempt, more.isEmpty() ? "" : ", " + more);
    }
}
