package build.kiln.operator.status;

import static build.kiln.operator.policy.Fixtures.CLOCK;
import static build.kiln.operator.policy.Fixtures.DIGEST;
import static build.kiln.operator.policy.Fixtures.NOW;
import static build.kiln.operator.policy.Fixtures.imageBuild;
import static build.kiln.operator.status.Transitions.AWAY;
import static build.kiln.operator.status.Transitions.BROKEN;
import static build.kiln.operator.status.Transitions.ENDED;
import static build.kiln.operator.status.Transitions.HALF;
import static build.kiln.operator.status.Transitions.LEFT;
import static build.kiln.operator.status.Transitions.RUNNING;
import static build.kiln.operator.status.Transitions.WRITER;
import static build.kiln.operator.status.Transitions.running;
import static build.kiln.operator.status.Transitions.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.Condition;
import build.kiln.crds.DueBuild;
import build.kiln.crds.FailureStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.LeftOutRungStatus;
import build.kiln.crds.Phase;
import build.kiln.crds.StepStatus;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuildReason;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Fixtures;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.policy.Uncounted;
import build.kiln.operator.progress.Progress;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.LeftOutRung;
import build.kiln.protocol.Rung;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StatusWriterTest {

    static Stream<News> news() {
        return Transitions.rows().stream().map(Transitions.Row::news);
    }

    @ParameterizedTest
    @MethodSource("news")
    void theSameNewsTwiceChangeNothing(News news) {
        ImageBuild build = running();
        ImageBuildStatus once = WRITER.write(build, news);
        StatusWriter later = new StatusWriter(Clock.offset(CLOCK, Duration.ofMinutes(1)));
        boolean isRepeated = news instanceof News.Delayed
                || news instanceof News.Blocked
                || news instanceof News.Working
                || news instanceof News.Suspended;
        if (isRepeated) {
            assertThat(later.write(Fixtures.with(build, once), news)).isEqualTo(once);
            assertThat(StatusWriter.announcement(build, once)).isEmpty();
        }
    }

    @Test
    void aTransitionTimeIsThatOfTheStatusAndNotOfTheReason() {
        ImageBuild build = running();
        ImageBuildStatus queued = WRITER.write(build, new News.Delayed(Reasons.Queued, "m"));
        assertThat(queued.conditions())
                .extracting(Condition::lastTransitionTime)
                .containsOnly("2026-03-01T11:59:00Z");
        ImageBuildStatus end = WRITER.write(Fixtures.with(build, queued), succeeded());
        assertThat(end.conditions()).extracting(Condition::lastTransitionTime).containsOnly("2026-03-01T12:00:00Z");
    }

    @Test
    void progressIsCountedAndNamed() {
        ImageBuildStatus status = WRITER.write(running(), new News.Working(RUNNING, Hold.NOTHING, HALF));
        assertThat(buildOf(status).steps()).isEqualTo("2/4");
        assertThat(buildOf(status).cached()).isEqualTo("1/4");
        assertThat(buildOf(status).current()).isEqualTo("RUN c");
        assertThat(buildOf(status).node()).isEqualTo("node-1");
        assertThat(status.isolation()).isEqualTo("userns");
        assertThat(status.warnings()).containsExactly("Beware.");
        assertThat(status.steps())
                .containsExactly(
                        new StepStatus("RUN a", StepStatus.Outcome.CACHED, 5L, 10L, "sha256:1", null),
                        new StepStatus("RUN b", StepStatus.Outcome.RAN, 1500L, null, null, "b.c changed"));
    }

    /// Neither the pod nor Kubernetes remember it.
    @Test
    void whenKueueLetAPodGoIsWrittenDownOnce() {
        News held = new News.Working(
                kueues("schedulingGates: [{name: kueue.x-k8s.io/admission}], "),
                new Hold("QueuedByKueue", "waits", ""),
                Progress.NONE);
        ImageBuild build = running();
        ImageBuildStatus queued = WRITER.write(build, held);
        assertThat(buildOf(queued).letGoAt()).isNull();
        News free = new News.Working(kueues(""), Hold.NOTHING, Progress.NONE);
        ImageBuildStatus letGo = WRITER.write(Fixtures.with(build, queued), free);
        assertThat(buildOf(letGo).letGoAt()).isEqualTo("2026-03-01T12:00:00Z");
        StatusWriter later = new StatusWriter(Clock.offset(CLOCK, Duration.ofMinutes(1)));
        assertThat(later.write(Fixtures.with(build, letGo), free)).isEqualTo(letGo);
        assertThat(buildOf(WRITER.write(running(), new News.Working(RUNNING, Hold.NOTHING, HALF)))
                        .letGoAt())
                .as("of a pod that was no matter of Kueue")
                .isNull();
    }

    private static BuilderPod kueues(String spec) {
        return BuilderPod.of(Serialization.unmarshal("""
            apiVersion: v1
            kind: Pod
            metadata: {name: web-1-0, creationTimestamp: "2026-03-01T11:59:00Z", labels: {kueue.x-k8s.io/managed: "true"}}
            spec: {%scontainers: [{name: builder}]}
            status: {phase: Pending}
            """.formatted(spec), Pod.class), Optional.empty(), List.of());
    }

    @Test
    void theRungsThatAreLeftOutComeFromTheReportElseFromTheLog() {
        LeftOutRung early = new LeftOutRung(Rung.USERNS, "The pod has the users of the host.");
        LeftOutRung late = new LeftOutRung(Rung.USERNS, "The namespace does not admit hostUsers=false.");
        Progress seen =
                new Progress(1, Map.of(), Map.of(), false, "nested", List.of(early), null, List.of(), List.of());
        ImageBuildStatus working = WRITER.write(running(), new News.Working(RUNNING, Hold.NOTHING, seen));
        assertThat(working.isolation()).isEqualTo("nested");
        assertThat(working.isolationLeftOut())
                .containsExactly(new LeftOutRungStatus("userns", "The pod has the users of the host."));

        Result.Succeeded result = new Result.Succeeded("r@" + DIGEST, DIGEST, 1, List.of());
        BuildReport report = BuildReport.of(result, "nested", null, List.of(), List.of(), List.of())
                .withLeftOut(List.of(late));
        assertThat(WRITER.write(running(), new News.Succeeded(report, result, ENDED, seen))
                        .isolationLeftOut())
                .containsExactly(new LeftOutRungStatus("userns", "The namespace does not admit hostUsers=false."));
    }

    @Test
    void successIsWrittenWhole() {
        ImageBuildStatus status = WRITER.write(running(), succeeded());
        assertThat(status.image()).isEqualTo("registry.example.com/web@" + DIGEST);
        assertThat(status.digest()).isEqualTo(DIGEST);
        assertThat(status.sizeBytes()).isEqualTo(4711);
        assertThat(status.tags()).containsExactly("1", "latest");
        assertThat(Objects.requireNonNull(status.source()).revision()).isEqualTo("c0ffee");
        assertThat(status.baseImages())
                .singleElement()
                .satisfies(b -> assertThat(b.name()).isEqualTo("debian:12"));
        assertThat(buildOf(status).steps()).isEqualTo("2/2");
        assertThat(buildOf(status).cached()).isEqualTo("1/2");
        assertThat(buildOf(status).current()).isNull();
        assertThat(buildOf(status).duration()).isEqualTo("58s");
        assertThat(status.failure()).isNull();
        assertThat(status.conditions().getFirst().message())
                .isEqualTo("Pushed registry.example.com/web@" + DIGEST + ". 1 of 2 steps had to be run.");
        assertThat(status.history()).singleElement().satisfies(h -> {
            assertThat(h.result()).isEqualTo("Succeeded");
            assertThat(h.reason()).isEqualTo("Created");
            assertThat(h.digest()).isEqualTo(DIGEST);
        });
    }

    @Test
    void whatIsDueIsWrittenDownOnceAndGoneWhenItBegins() {
        ImageBuild build = running();
        build.setStatus(WRITER.write(build, succeeded()));
        ImageBuildStatus built = build.getStatus();
        build.setStatus(WRITER.write(build, new News.Due(BuildReason.Schedule, Optional.empty())));
        assertThat(build.getStatus().due()).isEqualTo(new DueBuild("Schedule", NOW.toString(), null));
        assertThat(build.getStatus().conditions()).isEqualTo(built.conditions());
        assertThat(WRITER.write(build, new News.Due(BuildReason.BaseImage, Optional.empty())))
                .isEqualTo(build.getStatus());
        Attempt attempt = new Attempt(2, 1, 1, BuildReason.Schedule, null, Optional.empty());
        ImageBuildStatus started = WRITER.write(build, new News.Started(attempt, "web-2-1"));
        assertThat(started.due()).isNull();
        assertThat(buildOf(started).reason()).isEqualTo("Schedule");
        assertThat(started.conditions().getFirst().message())
                .isEqualTo("Pod web-2-1 builds the image, because it is time by spec.rebuild.schedule.");
    }

    /// It keeps its place by when it came, and no longer waits behind all that somebody asked for.
    @Test
    void whatSomebodyAsksForTakesThePlaceOfWhatNobodyDid() {
        ImageBuild build = running();
        build.setStatus(WRITER.write(build, succeeded()));
        build.setStatus(WRITER.write(build, new News.Due(BuildReason.Schedule, Optional.empty())));
        build.setStatus(WRITER.write(build, new News.Due(BuildReason.SourceRevision, Optional.of("c0ffee"))));
        assertThat(build.getStatus().due()).isEqualTo(new DueBuild("SourceRevision", NOW.toString(), "c0ffee"));
        assertThat(WRITER.write(build, new News.Due(BuildReason.Webhook, Optional.of("decaf"))))
                .isEqualTo(build.getStatus());
    }

    @Test
    void whatIsDueSaysNothingOfAGenerationThatNobodyHasSeen() {
        ImageBuild build = running();
        build.setStatus(WRITER.write(build, succeeded()));
        build.getMetadata().setGeneration(3L);
        assertThat(WRITER.write(build, new News.Due(BuildReason.SpecChange, Optional.empty()))
                        .observedGeneration())
                .isEqualTo(2);
    }

    @Test
    void aFailureIsWrittenWholeAndTheLastImageStays() {
        ImageBuild build = running();
        build.setStatus(WRITER.write(build, succeeded()));
        build.setStatus(WRITER.write(
                build,
                new News.Started(new Attempt(2, 1, 1, BuildReason.Requested, "x", Optional.empty()), "web-2-1")));
        assertThat(build.getStatus().steps()).isEmpty();
        ImageBuildStatus status = WRITER.write(
                build,
                new News.Failed(
                        BROKEN, Optional.empty(), Optional.of(ENDED), HALF, Optional.empty(), Optional.empty()));
        assertThat(failureOf(status).reason()).isEqualTo("RunFailed");
        assertThat(failureOf(status).message()).isEqualTo("It broke.");
        assertThat(failureOf(status).step()).isEqualTo("RUN make");
        assertThat(failureOf(status).exitCode()).isEqualTo(2);
        assertThat(failureOf(status).log()).isEqualTo("cc x.c\nmake: *** [all] Error 2");
        assertThat(status.digest()).isEqualTo(DIGEST);
        assertThat(buildOf(status).steps()).isEqualTo("2/4");
        assertThat(status.rebuildRequestedAt()).isEqualTo("x");
        assertThat(status.history()).extracting("result").containsExactly("RunFailed", "Succeeded");
    }

    @Test
    void aReportThatHadNoRoomForItsStepsLeavesThoseOfTheLog() {
        List<StepReport> many = java.util.stream.IntStream.range(0, 90)
                .mapToObj(i -> new StepReport("RUN step " + i, StepOutcome.RAN, 1, 1, DIGEST, null))
                .toList();
        BuildReport cut = parsed(BuildReport.of(
                new Result.Succeeded("r@" + DIGEST, DIGEST, 1, List.of()), "userns", null, List.of(), many, List.of()));
        Progress seen = new Progress(
                90,
                java.util.stream.IntStream.range(0, 90)
                        .boxed()
                        .collect(java.util.stream.Collectors.toMap(i -> i, many::get)),
                Map.of(),
                true,
                "userns",
                List.of(),
                null,
                List.of(),
                List.of());
        ImageBuildStatus status =
                WRITER.write(running(), new News.Succeeded(cut, (Result.Succeeded) cut.result(), ENDED, seen));
        assertThat(cut.steps()).isEmpty();
        assertThat(status.steps()).hasSize(90);
        assertThat(buildOf(status).steps()).isEqualTo("90/90");
    }

    @Test
    void aRetryKeepsWhenTheBuildBeganAndSaysWhenItGoesOn() {
        ImageBuild build = running();
        ImageBuildStatus status = WRITER.write(
                build,
                new News.Retrying(
                        AWAY, NOW.plusSeconds(10), Uncounted.NONE, Optional.empty(), Optional.of(ENDED), HALF));
        assertThat(buildOf(status).nextAttemptAt()).isEqualTo("2026-03-01T12:00:10Z");
        assertThat(failureOf(status).reason()).isEqualTo("RegistryUnavailable");
        assertThat(status.conditions().getFirst().message())
                .isEqualTo("RegistryUnavailable: It is away. The next attempt starts at 2026-03-01T12:00:10Z.");
        assertThat(status.history()).isEmpty();
        Attempt second = new Attempt(2, 1, 0, BuildReason.Created, null, Optional.of(NOW.minusSeconds(60)));
        ImageBuildStatus next = WRITER.write(Fixtures.with(build, status), new News.Started(second, "web-2-1"));
        assertThat(buildOf(next).startedAt()).isEqualTo("2026-03-01T11:59:00Z");
        assertThat(buildOf(next).nextAttemptAt()).isNull();
        assertThat(buildOf(next).attempt()).isEqualTo(1);
        assertThat(failureOf(next).reason()).isEqualTo("RegistryUnavailable");
    }

    @Test
    void aPendingPushIsSaidUntilTheImageIsThere() {
        ImageBuild build = running();
        News pending = new News.PushPending(LEFT, NOW.plusSeconds(10), 1, Optional.empty(), Optional.of(ENDED), HALF);
        ImageBuildStatus status = WRITER.write(build, pending);
        assertThat(buildOf(status).pendingPushes()).isEqualTo(1);
        assertThat(buildOf(status).nextAttemptAt()).isEqualTo("2026-03-01T12:00:10Z");
        assertThat(status.conditions().getLast().message())
                .isEqualTo("Only the push is left. The next attempt to push it starts at 2026-03-01T12:00:10Z.");
        assertThat(StatusWriter.announcement(build, status).orElseThrow().isWarning())
                .isTrue();
        build.setStatus(status);
        assertThat(WRITER.write(build, pending)).isEqualTo(status);

        Attempt second = new Attempt(
                2,
                1,
                0,
                BuildReason.Created,
                null,
                new Uncounted(1, List.of(), 0, 0, 0),
                Optional.of(NOW.minusSeconds(60)));
        ImageBuildStatus next = WRITER.write(build, new News.Started(second, "web-2-1"));
        assertThat(conditions(next))
                .isEqualTo("Ready=Unknown/Building Succeeded=Unknown/Building Reconciling=True/Building"
                        + " PushPending=True/PushPending");
        assertThat(buildOf(next).pendingPushes()).isEqualTo(1);
        build.setStatus(next);
        assertThat(conditions(WRITER.write(build, succeeded()))).doesNotContain("PushPending");

        Attempt another = new Attempt(2, 2, 2, BuildReason.Requested, "x", Optional.empty());
        assertThat(conditions(WRITER.write(build, new News.Started(another, "web-2-2"))))
                .doesNotContain("PushPending");
    }

    @Test
    void whatIsBuiltStaysReadyWhileItIsSuspended() {
        ImageBuild build = running();
        build.setStatus(WRITER.write(build, succeeded()));
        build.getMetadata().setGeneration(3L);
        ImageBuildStatus suspended = WRITER.write(build, new News.Suspended(true));
        assertThat(suspended.phase()).isEqualTo(Phase.Suspended);
        assertThat(conditions(suspended)).isEqualTo("Ready=True/Succeeded Succeeded=True/Succeeded");
        build.setStatus(suspended);
        build.getMetadata().setGeneration(4L);
        ImageBuildStatus resumed = WRITER.write(build, new News.StillBuilt());
        assertThat(resumed.phase()).isEqualTo(Phase.Succeeded);
        assertThat(buildOf(resumed).generation()).isEqualTo(4);
        assertThat(StatusWriter.announcement(build, resumed)).isEmpty();
    }

    @Test
    void whatGoesOnForANewGenerationSaysTheSameOfIt() {
        ImageBuild build = running();
        build.setStatus(WRITER.write(
                build,
                new News.PushPending(
                        Transitions.LEFT, NOW, 1, Optional.empty(), Optional.of(ENDED), Transitions.HALF)));
        String before = conditions(build.getStatus());
        build.getMetadata().setGeneration(3L);
        ImageBuildStatus next = WRITER.write(build, new News.StillWanted());
        assertThat(next.observedGeneration()).isEqualTo(3);
        assertThat(conditions(next)).isEqualTo(before).contains("PushPending=True");
        assertThat(next.conditions()).allMatch(c -> Objects.equals(c.observedGeneration(), 3L));
        assertThat(buildOf(next).generation()).isEqualTo(3);
        assertThat(buildOf(next).pod()).isEqualTo("web-2-0");
        assertThat(StatusWriter.announcement(build, next)).isEmpty();
    }

    @Test
    void anAttemptThatRanOutOfMemoryIsRememberedAndTheNextOneSaysWhatItHas() {
        ImageBuild build = imageBuild(2, "retryWithMemory: 2Gi", "");
        build.setStatus(WRITER.write(build, new News.Started(Transitions.FIRST, "web-2-0")));
        Uncounted uncounted = new Uncounted(0, List.of("512Mi"), 0, 0, 0);
        News retrying = new News.Retrying(AWAY, NOW, uncounted, Optional.empty(), Optional.of(ENDED), HALF);
        build.setStatus(WRITER.write(build, retrying));
        assertThat(Objects.requireNonNull(build.getStatus().build()).outOfMemoryWith())
                .containsExactly("512Mi");
        Attempt second = new Attempt(2, 1, 0, BuildReason.Created, null, uncounted, Optional.of(NOW));
        BuildStatus next = Objects.requireNonNull(
                WRITER.write(build, new News.Started(second, "web-2-1")).build());
        assertThat(next.memory()).isEqualTo("1Gi");
        assertThat(next.outOfMemoryWith()).containsExactly("512Mi");
    }

    @Test
    void anAttemptThatItsNodeRefusedIsCountedForTheWholeBuild() {
        ImageBuild build = running();
        Uncounted uncounted = new Uncounted(0, List.of(), 0, 0, 1);
        News retrying = new News.Retrying(AWAY, NOW, uncounted, Optional.empty(), Optional.of(ENDED), HALF);
        build.setStatus(WRITER.write(build, retrying));
        assertThat(buildOf(build.getStatus()).refusals()).isEqualTo(1);
        Attempt second = new Attempt(2, 1, 0, BuildReason.Created, null, uncounted, Optional.of(NOW));
        ImageBuildStatus next = WRITER.write(build, new News.Started(second, "web-2-1"));
        assertThat(Uncounted.of(buildOf(next))).isEqualTo(uncounted);
    }

    @Test
    void aFailureThatIsLookedAtAgainIsFinalForAllWhoReadItAndSaysWhen() {
        ImageBuild build = running();
        ImageBuildStatus failed = WRITER.write(build, lookedAtAgain());
        assertThat(failed.phase()).isEqualTo(Phase.Failed);
        assertThat(failed.conditions())
                .filteredOn(c -> c.type().equals("Stalled"))
                .singleElement()
                .satisfies(c -> assertThat(c.message())
                        .isEqualTo("It broke. In case a Secret is the cause and is mended, it is tried again at"
                                + " 2026-03-01T12:01:00Z."));
        assertThat(Objects.requireNonNull(failed.build()).nextAttemptAt()).isEqualTo("2026-03-01T12:01:00Z");
        assertThat(failed.build().rechecks()).isEqualTo(1);
    }

    @Test
    void aBuildThatIsEndedByAnotherWishIsInTheHistory() {
        ImageBuild superseded = running();
        Attempt next = new Attempt(2, 1, 1, BuildReason.Requested, "x", Optional.empty());
        assertThat(WRITER.write(superseded, new News.Started(next, "web-2-1")).history())
                .extracting("result")
                .containsExactly("Superseded");
        ImageBuild suspended = running();
        suspended.setStatus(WRITER.write(suspended, new News.Suspended(false)));
        ImageBuildStatus again = WRITER.write(suspended, new News.Suspended(false));
        assertThat(again).isEqualTo(suspended.getStatus());
        assertThat(again.history()).extracting("result").containsExactly("Suspended");
    }

    @Test
    void aRetryEndsNoBuildAndABuildThatHasEndedIsNoneThatIsEnded() {
        ImageBuild retried = running();
        Attempt next = new Attempt(2, 1, 0, BuildReason.Created, null, Uncounted.NONE, Optional.of(NOW));
        assertThat(WRITER.write(retried, new News.Started(next, "web-2-1")).history())
                .isEmpty();
        ImageBuild ended = running();
        ended.setStatus(WRITER.write(ended, lookedAtAgain()));
        Attempt another = new Attempt(2, 1, 1, BuildReason.Requested, "x", Optional.empty());
        assertThat(WRITER.write(ended, new News.Started(another, "web-2-1")).history())
                .extracting("result")
                .containsExactly("RunFailed");
    }

    /// The API server takes objects of 1.5 MiB; the rest is the spec's.
    @Test
    void theLargestStatusIsFarFromWhatAnObjectMayHave() {
        StepReport longest =
                new StepReport("RUN " + "x".repeat(200), StepOutcome.RAN, 3_600_000, 1L << 40, DIGEST, "y".repeat(300));
        Map<Integer, StepReport> steps =
                IntStream.rangeClosed(1, 2000).boxed().collect(Collectors.toMap(i -> i, i -> longest));
        Progress progress = new Progress(2000, steps, Map.of(), false, "userns", List.of(), null, List.of(), List.of());
        ImageBuild build = running();
        ImageBuildStatus status = WRITER.write(build, new News.Working(RUNNING, Hold.NOTHING, progress));
        assertThat(status.steps()).hasSize(100);
        assertThat(Objects.requireNonNull(status.build()).steps()).isEqualTo("2000/2000");
        assertThat(Serialization.asJson(status).length()).isLessThan(60_000);
    }

    @Test
    void toLookAgainIsNoNewBuildInTheHistoryAndNoNewEvent() {
        ImageBuild build = running();
        build.setStatus(WRITER.write(build, lookedAtAgain()));
        Announcement first =
                StatusWriter.announcement(running(), build.getStatus()).orElseThrow();
        Instant since = Instant.parse(Objects.requireNonNull(
                Objects.requireNonNull(build.getStatus().build()).startedAt()));
        Attempt second = new Attempt(
                2, 1, 0, BuildReason.Created, null, new Uncounted(0, List.of(), 1, 0, 0), Optional.of(since));
        build.setStatus(WRITER.write(build, new News.Started(second, "web-2-1")));
        ImageBuildStatus again = WRITER.write(build, lookedAtAgain());
        assertThat(again.history()).hasSize(1);
        assertThat(Objects.requireNonNull(again.build()).rechecks()).isEqualTo(2);
        assertThat(StatusWriter.announcement(build, again).orElseThrow().occasion())
                .isEqualTo(first.occasion());
    }

    private static News lookedAtAgain() {
        return new News.Failed(
                BROKEN, Optional.empty(), Optional.of(ENDED), HALF, Optional.empty(), Optional.of(NOW.plusSeconds(60)));
    }

    @Test
    void theHistoryHasItsLimits() {
        ImageBuild build = imageBuild(2, "history: {succeeded: 2, failed: 1}", "");
        for (int i = 0; i < 5; i++) {
            Attempt attempt = new Attempt(2, i, i, BuildReason.Requested, "r" + i, Optional.empty());
            build.setStatus(WRITER.write(build, new News.Started(attempt, "web-2-" + i)));
            build.setStatus(WRITER.write(
                    build,
                    i % 2 == 0
                            ? succeeded()
                            : new News.Failed(
                                    BROKEN,
                                    Optional.empty(),
                                    Optional.of(ENDED),
                                    HALF,
                                    Optional.empty(),
                                    Optional.empty())));
        }
        assertThat(build.getStatus().history())
                .extracting("result")
                .containsExactly("Succeeded", "RunFailed", "Succeeded");
    }

    @Test
    void eachTransitionIsAnnouncedOnceAndByTheSameWord() {
        ImageBuild build = running();
        ImageBuildStatus next = WRITER.write(
                build,
                new News.Failed(
                        BROKEN, Optional.empty(), Optional.of(ENDED), HALF, Optional.empty(), Optional.empty()));
        Announcement announcement = StatusWriter.announcement(build, next).orElseThrow();
        assertThat(announcement.reason()).isEqualTo("RunFailed");
        assertThat(announcement.message()).isEqualTo("It broke.");
        assertThat(announcement.isWarning()).isTrue();
        assertThat(StatusWriter.announcement(build, next)).contains(announcement);
        build.setStatus(next);
        assertThat(StatusWriter.announcement(build, next)).isEmpty();
    }

    private static BuildStatus buildOf(ImageBuildStatus status) {
        return Objects.requireNonNull(status.build());
    }

    private static FailureStatus failureOf(ImageBuildStatus status) {
        return Objects.requireNonNull(status.failure());
    }

    private static BuildReport parsed(BuildReport report) {
        try {
            return BuildReport.parse(report.toTerminationMessage());
        } catch (build.kiln.protocol.ProtocolMismatch e) {
            throw new AssertionError(e);
        }
    }

    private static String conditions(ImageBuildStatus status) {
        return String.join(
                " ",
                status.conditions().stream()
                        .map(c -> c.type() + "=" + c.status() + "/" + c.reason())
                        .toList());
    }
}
