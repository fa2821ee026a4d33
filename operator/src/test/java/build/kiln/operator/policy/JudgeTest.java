package build.kiln.operator.policy;

import static build.kiln.operator.policy.Fixtures.CLOCK;
import static build.kiln.operator.policy.Fixtures.NOW;
import static build.kiln.operator.policy.Fixtures.failed;
import static build.kiln.operator.policy.Fixtures.imageBuild;
import static build.kiln.operator.policy.Fixtures.leaving;
import static build.kiln.operator.policy.Fixtures.pod;
import static build.kiln.operator.policy.Fixtures.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.protocol.Fault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class JudgeTest {

    private static final Judge JUDGE = new Judge(CLOCK, Duration.ofMinutes(10));
    private static final PodState RUNNING = new PodState.Running();

    @Test
    void aNewBuildIsDue() {
        assertThat(JUDGE.judge(imageBuild(1, "", ""), List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(1, 0, 0, BuildReason.Created, null, Optional.empty())));
    }

    @Test
    void theDefaultThatTheCrdSetsIsNoBuild() {
        assertThat(JUDGE.judge(imageBuild(1, "", "observedGeneration: -1"), List.of()))
                .isInstanceOf(Verdict.Due.class);
    }

    @Test
    void aNewGenerationBuildsAgain() {
        assertThat(JUDGE.judge(imageBuild(2, "target: b", status("Succeeded", 1, 0, "")), List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(2, 0, 0, BuildReason.SpecChange, null, Optional.empty())));
        assertThat(JUDGE.judge(imageBuild(2, "", status("Failed", 1, 3, "")), List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(2, 0, 0, BuildReason.SpecChange, null, Optional.empty())));
    }

    @Test
    void aRebuildThatIsRequestedTakesTheNextAttemptsName() {
        ImageBuild build = imageBuild(1, "", status("Succeeded", 1, 2, ""));
        build.getMetadata().setAnnotations(Map.of(ImageBuild.REBUILD_REQUESTED_AT, "now"));
        assertThat(JUDGE.judge(build, List.of(pod(1, 2, new PodState.Reported(succeeded())))))
                .isEqualTo(new Verdict.Due(new Attempt(1, 3, 3, BuildReason.Requested, "now", Optional.empty())));
    }

    @Test
    void aRebuildThatWasAnsweredIsNotDoneAgain() {
        ImageBuild build = imageBuild(1, "", status("Succeeded", 1, 3, "") + ", rebuildRequestedAt: now");
        build.getMetadata().setAnnotations(Map.of(ImageBuild.REBUILD_REQUESTED_AT, "now"));
        assertThat(JUDGE.judge(build, List.of())).isEqualTo(new Verdict.Settled());
    }

    /// A tool that keeps to what is in git takes away what is not.
    @Test
    void aRequestThatIsTakenBackIsNoRequest() {
        String answered = status("Succeeded", 1, 3, "") + ", rebuildRequestedAt: now";
        assertThat(JUDGE.judge(imageBuild(1, "", answered), List.of())).isEqualTo(new Verdict.Settled());
        String failed = status("Failed", 1, 3, "") + ", rebuildRequestedAt: now";
        assertThat(JUDGE.judge(imageBuild(1, "", failed), List.of())).isEqualTo(new Verdict.Settled());
        BuilderPod pod = pod(1, 3, RUNNING);
        String building = status("Building", 1, 3, "") + ", rebuildRequestedAt: now";
        assertThat(JUDGE.judge(imageBuild(1, "", building), List.of(pod))).isInstanceOf(Verdict.Building.class);
    }

    @Test
    void aRequestThatWasTakenBackAndComesAgainIsTheSame() {
        ImageBuild build = imageBuild(2, "", status("Succeeded", 1, 3, "") + ", rebuildRequestedAt: now");
        assertThat(JUDGE.judge(build, List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(2, 0, 0, BuildReason.SpecChange, "now", Optional.empty())));
    }

    @Test
    void whatTheStatusHasDueIsBuiltOnceTheLastBuildHasEnded() {
        String due = ", due: {reason: Schedule, since: '2026-03-01T11:59:00Z'}";
        String ended = status("Succeeded", 1, 0, "finishedAt: '2026-03-01T11:00:00Z'");
        assertThat(JUDGE.judge(imageBuild(1, "", ended + due), List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(1, 1, 1, BuildReason.Schedule, null, Optional.empty())));
        BuilderPod pod = pod(1, 0, RUNNING);
        assertThat(JUDGE.judge(imageBuild(1, "", status("Building", 1, 0, "") + due), List.of(pod)))
                .isInstanceOf(Verdict.Building.class);
        String retried =
                status("Queued", 1, 0, "finishedAt: '2026-03-01T11:00:00Z', nextAttemptAt: '2026-03-01T12:10:00Z'");
        assertThat(JUDGE.judge(imageBuild(1, "", retried + due), List.of())).isInstanceOf(Verdict.Waiting.class);
        assertThat(JUDGE.judge(imageBuild(1, "suspend: true", ended + due), List.of()))
                .isEqualTo(new Verdict.Suspended(List.of(), false));
    }

    @Test
    void whatIsDoneStaysDoneAlthoughItsPodIsGone() {
        assertThat(JUDGE.judge(imageBuild(1, "", status("Succeeded", 1, 0, "")), List.of()))
                .isEqualTo(new Verdict.Settled());
        assertThat(JUDGE.judge(imageBuild(1, "", status("Failed", 1, 0, "")), List.of()))
                .isEqualTo(new Verdict.Settled());
    }

    @Test
    void aBuildThatRunsIsTakenUpByWhoeverLooks() {
        BuilderPod pod = pod(1, 0, RUNNING);
        assertThat(JUDGE.judge(imageBuild(1, "", status("Building", 1, 0, "")), List.of(pod)))
                .isEqualTo(new Verdict.Building(pod, pod.createdAt().plus(Duration.ofMinutes(63))));
    }

    @Test
    void anEarlierGenerationsPodHasToEndFirst() {
        BuilderPod old = pod(1, 0, RUNNING);
        assertThat(JUDGE.judge(imageBuild(2, "", status("Building", 1, 0, "")), List.of(old)))
                .isEqualTo(new Verdict.Superseding(List.of(old)));
        BuilderPod ended = pod(1, 0, new PodState.Reported(succeeded()));
        assertThat(JUDGE.judge(imageBuild(2, "", status("Building", 1, 0, "")), List.of(ended)))
                .isInstanceOf(Verdict.Due.class);
    }

    @Test
    void aPodThatWasMadeWithoutTheStatusKnowingIsNoObstacle() {
        assertThat(JUDGE.judge(imageBuild(1, "", ""), List.of(pod(1, 0, RUNNING))))
                .isEqualTo(new Verdict.Due(new Attempt(1, 0, 0, BuildReason.Created, null, Optional.empty())));
    }

    @Test
    void aReportOfSuccessIsSuccess() {
        BuilderPod pod = pod(1, 0, new PodState.Reported(succeeded()));
        assertThat(JUDGE.judge(imageBuild(1, "", status("Pushing", 1, 0, "")), List.of(pod)))
                .isInstanceOfSatisfying(
                        Verdict.Succeeded.class,
                        v -> assertThat(v.result().digest()).isEqualTo(Fixtures.DIGEST));
    }

    @ParameterizedTest
    @EnumSource
    void onlyWhatIsNotTheUsersFaultIsTriedAgain(Fault fault) {
        BuilderPod pod = pod(1, 0, new PodState.Reported(failed("Reason", fault)));
        Verdict verdict = JUDGE.judge(imageBuild(1, "", status("Building", 1, 0, "")), List.of(pod));
        switch (fault) {
            case USER, KILN -> assertThat(verdict).isInstanceOf(Verdict.Failed.class);
            case REMOTE, PLATFORM -> assertThat(verdict).isInstanceOf(Verdict.RetryLater.class);
        }
    }

    @Test
    void retriesEndAndTheMessageSaysSo() {
        BuilderPod pod = pod(1, 2, new PodState.Reported(failed("RegistryUnavailable", Fault.REMOTE)));
        assertThat(JUDGE.judge(imageBuild(1, "retries: 2", status("Building", 1, 2, "")), List.of(pod)))
                .isInstanceOfSatisfying(
                        Verdict.Failed.class,
                        v -> assertThat(v.failure().message()).isEqualTo("It broke. That was the last of 3 attempts."));
        assertThat(JUDGE.judge(imageBuild(1, "retries: 3", status("Building", 1, 2, "")), List.of(pod)))
                .isInstanceOf(Verdict.RetryLater.class);
    }

    @Test
    void aPushThatIsLeftWaitsWithoutUsingUpRetries() {
        BuilderPod pod = pod(1, 0, new PodState.Reported(failed("PushPending", Fault.REMOTE)));
        assertThat(JUDGE.judge(imageBuild(1, "retries: 0", status("Pushing", 1, 0, "")), List.of(pod)))
                .isInstanceOfSatisfying(Verdict.PushLater.class, v -> {
                    assertThat(v.pendingPushes()).isEqualTo(1);
                    assertThat(v.at()).isBetween(NOW.plusSeconds(6), NOW.plusSeconds(10));
                });
        BuilderPod seventh = pod(1, 7, new PodState.Reported(failed("PushPending", Fault.REMOTE)));
        assertThat(JUDGE.judge(
                        imageBuild(1, "retries: 0", status("Pushing", 1, 7, "pendingPushes: 7")), List.of(seventh)))
                .isInstanceOfSatisfying(Verdict.PushLater.class, v -> {
                    assertThat(v.pendingPushes()).isEqualTo(8);
                    assertThat(v.at()).isBetween(NOW.plusSeconds(230), NOW.plusSeconds(360));
                });
    }

    @Test
    void whileAPushIsLeftADownRegistryIsWaitedForWhereverItIsMet() {
        BuilderPod pod = pod(1, 4, new PodState.Reported(failed("RegistryUnavailable", Fault.REMOTE)));
        assertThat(JUDGE.judge(imageBuild(1, "retries: 0", status("Building", 1, 4, "pendingPushes: 4")), List.of(pod)))
                .isInstanceOf(Verdict.PushLater.class);
    }

    @Test
    void whatElseFailsMeanwhileIsARetryAndCountsAsOne() {
        BuilderPod pod = pod(1, 5, new PodState.Reported(failed("DiskFull", Fault.PLATFORM)));
        assertThat(JUDGE.judge(imageBuild(1, "retries: 2", status("Building", 1, 5, "pendingPushes: 4")), List.of(pod)))
                .isInstanceOf(Verdict.RetryLater.class);
        assertThat(JUDGE.judge(imageBuild(1, "retries: 1", status("Building", 1, 5, "pendingPushes: 4")), List.of(pod)))
                .isInstanceOf(Verdict.Failed.class);
    }

    @Test
    void aPushIsNotWaitedForLongerThanADay() {
        String pending = ", conditions: [{type: PushPending, status: \"True\", reason: PushPending, message: m,"
                + " lastTransitionTime: \"2026-02-28T%s:00Z\"}]";
        BuilderPod pod = pod(1, 4, new PodState.Reported(failed("PushPending", Fault.REMOTE)));
        String status = status("Building", 1, 4, "pendingPushes: 4");
        assertThat(JUDGE.judge(imageBuild(1, "", status + pending.formatted("12:01")), List.of(pod)))
                .isInstanceOf(Verdict.PushLater.class);
        assertThat(JUDGE.judge(imageBuild(1, "", status + pending.formatted("11:59")), List.of(pod)))
                .isInstanceOfSatisfying(Verdict.Failed.class, v -> {
                    assertThat(v.failure().reason()).isEqualTo("PushPending");
                    assertThat(v.failure().message()).isEqualTo("It broke. It has been so since 2026-02-28T11:59:00Z.");
                });
    }

    @Test
    void theNextPushKnowsHowManyThereWere() {
        ImageBuild build =
                imageBuild(1, "", status("Queued", 1, 4, "pendingPushes: 3, nextAttemptAt: \"2026-03-01T11:59:00Z\""));
        assertThat(JUDGE.judge(build, List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(
                        1, 5, 0, BuildReason.Created, null, new Uncounted(3, List.of(), 0, 0, 0), Optional.empty())));
    }

    @Test
    void withoutRetriesAFailureIsFinalAtOnce() {
        BuilderPod pod = pod(1, 0, new PodState.Reported(failed("RegistryUnavailable", Fault.REMOTE)));
        assertThat(JUDGE.judge(imageBuild(1, "retries: 0", status("Building", 1, 0, "")), List.of(pod)))
                .isInstanceOfSatisfying(
                        Verdict.Failed.class,
                        v -> assertThat(v.failure().message()).isEqualTo("It broke."));
    }

    @Test
    void aRebuildHasAllItsRetriesAgain() {
        ImageBuild build = imageBuild(
                1, "retries: 1", "phase: Building, build: {generation: 1, attempt: 5, firstAttempt: 5, pod: web-1-5}");
        BuilderPod pod = pod(1, 5, new PodState.Reported(failed("RegistryUnavailable", Fault.REMOTE)));
        assertThat(JUDGE.judge(build, List.of(pod))).isInstanceOf(Verdict.RetryLater.class);
    }

    @Test
    void theNextAttemptComesAtItsTimeAndNotBefore() {
        String next = "nextAttemptAt: \"2026-03-01T12:00:05Z\", startedAt: \"2026-03-01T11:58:00Z\"";
        ImageBuild build = imageBuild(1, "", status("Queued", 1, 0, next));
        assertThat(JUDGE.judge(build, List.of())).isEqualTo(new Verdict.Waiting(Instant.parse("2026-03-01T12:00:05Z")));
        Judge later = new Judge(Clock.offset(CLOCK, Duration.ofSeconds(5)), Duration.ofMinutes(10));
        assertThat(later.judge(build, List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(
                        1, 1, 0, BuildReason.Created, null, Optional.of(Instant.parse("2026-03-01T11:58:00Z")))));
    }

    @Test
    void aPodThatSomebodyDeletedIsTriedAgain() {
        assertThat(JUDGE.judge(imageBuild(1, "", status("Building", 1, 0, "")), List.of()))
                .isInstanceOfSatisfying(
                        Verdict.RetryLater.class,
                        v -> assertThat(v.failure().message())
                                .isEqualTo("Pod web-1-0 was deleted before it had reported. The build goes on from its"
                                        + " last finished step."));
    }

    @Test
    void aBuilderThatWasToldToStopByADeletionIsTheSame() {
        BuilderPod pod = leaving(pod(1, 0, new PodState.Reported(failed("Interrupted", Fault.PLATFORM))));
        assertThat(JUDGE.judge(imageBuild(1, "", status("Building", 1, 0, "")), List.of(pod)))
                .isInstanceOfSatisfying(
                        Verdict.RetryLater.class,
                        v -> assertThat(v.failure().reason()).isEqualTo("PodDeleted"));
    }

    @Test
    void aPodThatIsLeavingIsWaitedFor() {
        BuilderPod pod = leaving(pod(1, 0, RUNNING));
        assertThat(JUDGE.judge(imageBuild(1, "", status("Building", 1, 0, "")), List.of(pod)))
                .isInstanceOf(Verdict.Building.class);
    }

    @Test
    void aPodThatOutlivesEveryDeadlineIsStopped() {
        Hold hold = new Hold("Unschedulable", "0/3 nodes are available", "Look at spec.pod.");
        BuilderPod pod = pod(1, 0, new PodState.Waiting(hold));
        Judge later = new Judge(Clock.offset(CLOCK, Duration.ofMinutes(13)), Duration.ofMinutes(10));
        ImageBuild build = imageBuild(1, "timeout: 10m", status("Building", 1, 0, ""));
        assertThat(later.judge(build, List.of(pod))).isInstanceOfSatisfying(Verdict.Failed.class, v -> {
            assertThat(v.toStop()).containsExactly(pod);
            assertThat(v.failure().message())
                    .isEqualTo("Pod web-1-0 was not done after 10m (spec.timeout) and was stopped. It waited for this:"
                            + " 0/3 nodes are available. Look at spec.pod. Raise spec.timeout, or make the build"
                            + " shorter.");
        });
        assertThat(JUDGE.judge(build, List.of(pod))).isInstanceOf(Verdict.Building.class);
    }

    @Test
    void aPodThatItsNodeRefusesAUserNamespaceIsFollowedByAnotherAtOnceAndWithoutRetries() {
        Hold hold = new Hold("UserNamespaceRefused", "Node node-1 cannot.", "");
        BuilderPod pod = pod(1, 0, new PodState.Waiting(hold));
        ImageBuild build = imageBuild(1, "retries: 0", status("Building", 1, 0, ""));
        assertThat(JUDGE.judge(build, List.of(pod))).isInstanceOfSatisfying(Verdict.LowerRung.class, v -> {
            assertThat(v.at()).isEqualTo(NOW);
            assertThat(v.failure().message()).isEqualTo("Node node-1 cannot.");
            assertThat(v.uncounted().refusals()).isEqualTo(1);
        });
        assertThat(JUDGE.judge(build, List.of(leaving(pod)))).isInstanceOf(Verdict.Building.class);
        BuilderPod fourth = pod(1, 3, new PodState.Waiting(hold));
        assertThat(JUDGE.judge(imageBuild(1, "retries: 5", status("Building", 1, 3, "refusals: 3")), List.of(fourth)))
                .isInstanceOf(Verdict.Building.class);
    }

    @Test
    void aPodThatFindsNoNodeOfThePlatformThatIsAskedForFailsAfterABoundedWait() {
        Hold hold = new Hold(
                "Unschedulable",
                "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector",
                "Look.");
        BuilderPod pod = pod(1, 0, new PodState.Waiting(hold));
        ImageBuild asked = imageBuild(1, "platforms: [linux/riscv64]", status("Building", 1, 0, ""));
        ImageBuild any = imageBuild(1, "", status("Building", 1, 0, ""));
        Judge later = new Judge(Clock.offset(CLOCK, Duration.ofMinutes(9)), Duration.ofMinutes(10));
        assertThat(JUDGE.judge(asked, List.of(pod)))
                .isInstanceOfSatisfying(
                        Verdict.Building.class, v -> assertThat(v.overdueAt()).isEqualTo(NOW.plusSeconds(540)));
        assertThat(later.judge(any, List.of(pod))).isInstanceOf(Verdict.Building.class);
        assertThat(later.judge(asked, List.of(pod))).isInstanceOfSatisfying(Verdict.Failed.class, v -> {
            assertThat(v.toStop()).containsExactly(pod);
            assertThat(v.failure().reason()).isEqualTo("NoNodeForPlatform");
            assertThat(v.failure().message())
                    .isEqualTo("No node took pod web-1-0 within 10m (KILN_BUILDER_PLATFORM_WAIT): 0/1 nodes are"
                            + " available: 1 node(s) didn't match Pod's node affinity/selector. spec.platforms"
                            + " asks for linux/riscv64, so there has to be a node of that architecture which"
                            + " spec.pod.nodeSelector and spec.pod.affinity allow. Add one, or take the platform"
                            + " out of spec.platforms.");
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 2 Insufficient cpu | Building
            0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 2 node(s) didn't match pod affinity rules | Building
            0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable | Building
            0/2 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, 1 node(s) didn't match Pod's node affinity/selector | Building
            0/2 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 1 node(s) didn't match Pod's node affinity/selector | Failed
            """)
    void aPlatformWhoseNodesAreOnlyTakenIsWaitedFor(String words, String verdict) {
        BuilderPod pod = pod(1, 0, new PodState.Waiting(new Hold("Unschedulable", words, "Look.")));
        ImageBuild build = imageBuild(1, "platforms: [linux/amd64]", status("Building", 1, 0, ""));
        Judge later = new Judge(Clock.offset(CLOCK, Duration.ofMinutes(9)), Duration.ofMinutes(10));
        assertThat(later.judge(build, List.of(pod)).getClass().getSimpleName()).isEqualTo(verdict);
    }

    @Test
    void anAttemptThatHasBegunWithoutAPodIsStillDue() {
        String begun =
                "phase: Building, build: {generation: 1, attempt: 2, firstAttempt: 1, reason: Created, startedAt:"
                        + " '2026-03-01T11:59:00Z'}";
        assertThat(JUDGE.judge(imageBuild(1, "platforms: [linux/amd64, linux/arm64]", begun), List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(
                        1, 2, 1, BuildReason.Created, null, Optional.of(Instant.parse("2026-03-01T11:59:00Z")))));
    }

    @Test
    void suspendStopsWhatRunsAndStartsNothing() {
        BuilderPod pod = pod(1, 0, RUNNING);
        assertThat(JUDGE.judge(imageBuild(2, "suspend: true", status("Building", 1, 0, "")), List.of(pod)))
                .isEqualTo(new Verdict.Suspended(List.of(pod), false));
        assertThat(JUDGE.judge(imageBuild(1, "suspend: true", ""), List.of()))
                .isEqualTo(new Verdict.Suspended(List.of(), false));
    }

    @Test
    void whatWasBuiltIsNotBuiltAgainForSuspendAndHistory() {
        String digest = SpecDigest.of(imageBuild(1, "", "").getSpec());
        String built = "phase: Suspended, conditions: [{type: Succeeded, status: 'True', reason: Succeeded}],"
                + " build: {generation: 1, attempt: 0, specDigest: " + digest + "}";
        assertThat(JUDGE.judge(imageBuild(2, "suspend: true", built), List.of()))
                .isEqualTo(new Verdict.Suspended(List.of(), true));
        assertThat(JUDGE.judge(imageBuild(3, "history: {failed: 1}", built), List.of()))
                .isEqualTo(new Verdict.StillBuilt());
        assertThat(JUDGE.judge(imageBuild(3, "target: other", built), List.of()))
                .isInstanceOf(Verdict.Due.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        priority: 7                          | StillWanted | StillWanted | StillBuilt | Due
        'rebuild: {schedule: "0 4 * * *"}'   | StillWanted | StillWanted | StillBuilt | Due
        history: {failed: 1}                 | StillWanted | StillWanted | StillBuilt | Due
        retries: 7                           | StillWanted | StillWanted | StillBuilt | Due
        retryWithMemory: 8Gi                 | StillWanted | StillWanted | StillBuilt | Due
        timeout: 2h                          | Superseding | Due         | StillBuilt | Due
        target: other                        | Superseding | Due         | Due        | Due
        """)
    void aChangeOfTheSpecBuildsAgainIfItMatters(
            String change, String running, String triedAgain, String succeeded, String failed) {
        String digest = "specDigest: " + SpecDigest.of(imageBuild(1, "", "").getSpec()) + ", startedAt: '"
                + NOW.minusSeconds(60) + "'";
        String ended = digest + ", finishedAt: '" + NOW + "'";
        BuilderPod pod = pod(1, 0, RUNNING);
        assertThat(word(imageBuild(2, change, status("Building", 1, 0, digest)), List.of(pod)))
                .isEqualTo(running);
        String next = ended + ", nextAttemptAt: '" + NOW.plusSeconds(10) + "'";
        assertThat(word(imageBuild(2, change, status("Queued", 1, 0, next)), List.of()))
                .isEqualTo(triedAgain);
        String conditions = ", conditions: [{type: Succeeded, status: 'True', reason: Succeeded}]";
        assertThat(word(imageBuild(2, change, status("Succeeded", 1, 0, ended) + conditions), List.of()))
                .isEqualTo(succeeded);
        assertThat(word(imageBuild(2, change, status("Failed", 1, 0, ended)), List.of()))
                .isEqualTo(failed);
    }

    @Test
    void aRequestEndsABuildThatAnotherPriorityDoesNot() {
        String digest = "specDigest: " + SpecDigest.of(imageBuild(1, "", "").getSpec()) + ", startedAt: '" + NOW + "'";
        ImageBuild build = imageBuild(2, "priority: 7", status("Building", 1, 0, digest));
        build.getMetadata().setAnnotations(Map.of(ImageBuild.REBUILD_REQUESTED_AT, "now"));
        assertThat(word(build, List.of(pod(1, 0, RUNNING)))).isEqualTo("Superseding");
    }

    private static String word(ImageBuild build, List<BuilderPod> pods) {
        return JUDGE.judge(build, pods).getClass().getSimpleName();
    }

    @Test
    void whatWasRefusedIsBuiltOnceItIsSupported() {
        String refused = "phase: Failed, failure: {reason: NotSupportedYet, message: m},"
                + " build: {generation: 1, attempt: 0, firstAttempt: 0, reason: Created}";
        assertThat(JUDGE.judge(imageBuild(1, "", refused), List.of()))
                .isEqualTo(new Verdict.Due(new Attempt(1, 1, 1, BuildReason.Created, null, Optional.empty())));
    }

    @Test
    void whatABuilderDoesNotSupportIsNotBuiltForEver() {
        String refused = "phase: Failed, failure: {reason: NotSupportedYet, message: m},"
                + " build: {generation: 1, attempt: 0, firstAttempt: 0, reason: Created, pod: web-1-0}";
        assertThat(JUDGE.judge(imageBuild(1, "", refused), List.of())).isEqualTo(new Verdict.Settled());
    }

    @Test
    void theSameSightGivesTheSameVerdict() {
        BuilderPod pod = pod(1, 0, new PodState.Reported(failed("RegistryUnavailable", Fault.REMOTE)));
        ImageBuild build = imageBuild(1, "", status("Building", 1, 0, ""));
        assertThat(JUDGE.judge(build, List.of(pod))).isEqualTo(JUDGE.judge(build, List.of(pod)));
        assertThat(((Verdict.RetryLater) JUDGE.judge(build, List.of(pod))).at()).isAfter(NOW);
    }

    private static String status(String phase, long generation, int attempt, String more) {
        return "phase: %s, build: {generation: %d, attempt: %d, firstAttempt: 0, reason: Created, pod: web-%d-%d%s}"
                .formatted(phase, generation, attempt, generation, attempt, more.isEmpty() ? "" : ", " + more);
    }
}
