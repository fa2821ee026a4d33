package build.kiln.operator.status;

import static build.kiln.operator.policy.Fixtures.CLOCK;
import static build.kiln.operator.policy.Fixtures.DIGEST;
import static build.kiln.operator.policy.Fixtures.NOW;
import static build.kiln.operator.policy.Fixtures.imageBuild;
import static build.kiln.operator.policy.Fixtures.pod;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.Condition;
import build.kiln.crds.FailureStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.LeftOutRungStatus;
import build.kiln.crds.Phase;
import build.kiln.crds.StepStatus;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Fixtures;
import build.kiln.operator.policy.PodState;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.progress.Progress;
import build.kiln.protocol.BaseImage;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Fault;
import build.kiln.protocol.LeftOutRung;
import build.kiln.protocol.Rung;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StatusWriterTest {

    private static final StatusWriter WRITER = new StatusWriter(CLOCK);
    private static final Attempt FIRST = new Attempt(2, 0, 0, "Created", null, Optional.empty());
    private static final BuilderPod RUNNING = pod(2, 0, new PodState.Running());
    private static final BuilderPod ENDED = pod(2, 0, new PodState.Reported(Fixtures.succeeded()));
    private static final StepReport STEP_1 = new StepReport("RUN a", StepOutcome.CACHED, 5, 10, "sha256:1", null);
    private static final StepReport STEP_2 = new StepReport("RUN b", StepOutcome.RAN, 1500, 0, null, "b.c changed");
    private static final Progress HALF = new Progress(
            4,
            Map.of(1, STEP_1, 2, STEP_2),
            Map.of(3, "RUN c"),
            false,
            "userns",
            List.of(),
            null,
            List.of(),
            List.of("Beware."));
    private static final Result.Failed BROKEN = new Result.Failed(
            "RunFailed", Fault.USER, "It broke.", "RUN make", 2, List.of("cc x.c", "make: *** [all] Error 2"));
    private static final Result.Failed AWAY =
            new Result.Failed("RegistryUnavailable", Fault.REMOTE, "It is away.", null, null, List.of());

    private static final Result.Failed LEFT =
            new Result.Failed("PushPending", Fault.REMOTE, "Only the push is left.", null, null, List.of());

    /// Every kind of news, what comes of it in all three languages: people's, kstatus', and `kubectl wait`'s.
    static Stream<Arguments> transitions() {
        return Stream.of(
                row(
                        new News.Delayed(Reasons.Queued, "m"),
                        Phase.Queued,
                        Kstatus.IN_PROGRESS,
                        "Ready=Unknown/Queued Succeeded=Unknown/Queued Reconciling=True/Queued"),
                row(
                        new News.Delayed(Reasons.QuotaExceeded, "m"),
                        Phase.Queued,
                        Kstatus.IN_PROGRESS,
                        "Ready=Unknown/QuotaExceeded Succeeded=Unknown/QuotaExceeded Reconciling=True/QuotaExceeded"),
                row(
                        new News.Blocked(Reasons.PodForbidden, "m"),
                        Phase.Queued,
                        Kstatus.FAILED,
                        "Ready=False/PodForbidden Succeeded=Unknown/PodForbidden Stalled=True/PodForbidden"),
                row(
                        new News.Started(FIRST, "web-2-0"),
                        Phase.Building,
                        Kstatus.IN_PROGRESS,
                        "Ready=Unknown/Building Succeeded=Unknown/Building Reconciling=True/Building"),
                row(
                        new News.Working(RUNNING, Hold.NOTHING, HALF),
                        Phase.Building,
                        Kstatus.IN_PROGRESS,
                        "Ready=Unknown/Building Succeeded=Unknown/Building Reconciling=True/Building"),
                row(
                        new News.Working(
                                RUNNING, new Hold("Unschedulable", "0/3 nodes", "Look at spec.pod."), Progress.NONE),
                        Phase.Building,
                        Kstatus.IN_PROGRESS,
                        "Ready=Unknown/Unschedulable Succeeded=Unknown/Unschedulable Reconciling=True/Unschedulable"),
                row(
                        new News.Working(RUNNING, Hold.NOTHING, pushing()),
                        Phase.Pushing,
                        Kstatus.IN_PROGRESS,
                        "Ready=Unknown/Pushing Succeeded=Unknown/Pushing Reconciling=True/Pushing"),
                row(
                        new News.Retrying(AWAY, NOW.plusSeconds(10), Optional.empty(), Optional.of(ENDED), HALF),
                        Phase.Queued,
                        Kstatus.IN_PROGRESS,
                        "Ready=Unknown/Retrying Succeeded=Unknown/Retrying Reconciling=True/Retrying"),
                row(
                        new News.PushPending(LEFT, NOW.plusSeconds(10), 1, Optional.empty(), Optional.of(ENDED), HALF),
                        Phase.Queued,
                        Kstatus.IN_PROGRESS,
                        "Ready=Unknown/PushPending Succeeded=Unknown/PushPending Reconciling=True/PushPending"
                                + " PushPending=True/PushPending"),
                row(succeeded(), Phase.Succeeded, Kstatus.CURRENT, "Ready=True/Succeeded Succeeded=True/Succeeded"),
                row(
                        new News.Failed(BROKEN, Optional.empty(), Optional.of(ENDED), HALF, Optional.empty()),
                        Phase.Failed,
                        Kstatus.FAILED,
                        "Ready=False/RunFailed Succeeded=False/RunFailed Stalled=True/RunFailed"),
                row(
                        new News.Suspended(false),
                        Phase.Suspended,
                        Kstatus.IN_PROGRESS,
                        "Ready=False/Suspended Succeeded=Unknown/Suspended"));
    }

    private static Arguments row(News news, Phase phase, Kstatus kstatus, String conditions) {
        return Arguments.of(news, phase, kstatus, conditions);
    }

    @ParameterizedTest
    @MethodSource("transitions")
    void newsBecomePhaseAndConditions(News news, Phase phase, Kstatus kstatus, String conditions) {
        for (ImageBuild build : List.of(running(), afterSuccess(), afterFailure())) {
            ImageBuildStatus status = WRITER.write(build, news);
            assertThat(status.phase()).isEqualTo(phase);
            assertThat(conditions(status)).isEqualTo(conditions);
            assertThat(Kstatus.of(build, status)).isEqualTo(kstatus);
            assertThat(status.observedGeneration()).isEqualTo(2);
            assertThat(status.conditions()).allSatisfy(c -> {
                assertThat(c.observedGeneration()).isEqualTo(2);
                assertThat(c.lastTransitionTime()).isNotEmpty();
                assertThat(c.message()).isNotEmpty();
            });
        }
    }

    @ParameterizedTest
    @MethodSource("transitions")
    void theSameNewsTwiceChangeNothing(News news, Phase phase, Kstatus kstatus, String conditions) {
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
    void aResourceThatNobodyHasSeenIsInProgressForKstatus() {
        ImageBuild build = imageBuild(1, "", "observedGeneration: -1");
        assertThat(Kstatus.of(build, build.getStatus())).isEqualTo(Kstatus.IN_PROGRESS);
    }

    @Test
    void aSpecThatHasChangedIsInProgressForKstatusBeforeTheOperatorHasSeenIt() {
        ImageBuild build = running();
        build.setStatus(WRITER.write(build, succeeded()));
        build.getMetadata().setGeneration(3L);
        assertThat(Kstatus.of(build, build.getStatus())).isEqualTo(Kstatus.IN_PROGRESS);
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
    void aFailureIsWrittenWholeAndTheLastImageStays() {
        ImageBuild build = running();
        build.setStatus(WRITER.write(build, succeeded()));
        build.setStatus(WRITER.write(
                build, new News.Started(new Attempt(2, 1, 1, "RebuildRequested", "x", Optional.empty()), "web-2-1")));
        assertThat(build.getStatus().steps()).isEmpty();
        ImageBuildStatus status = WRITER.write(
                build, new News.Failed(BROKEN, Optional.empty(), Optional.of(ENDED), HALF, Optional.empty()));
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
                build, new News.Retrying(AWAY, NOW.plusSeconds(10), Optional.empty(), Optional.of(ENDED), HALF));
        assertThat(buildOf(status).nextAttemptAt()).isEqualTo("2026-03-01T12:00:10Z");
        assertThat(failureOf(status).reason()).isEqualTo("RegistryUnavailable");
        assertThat(status.conditions().getFirst().message())
                .isEqualTo("RegistryUnavailable: It is away. The next attempt starts at 2026-03-01T12:00:10Z.");
        assertThat(status.history()).isEmpty();
        Attempt second = new Attempt(2, 1, 0, "Created", null, Optional.of(NOW.minusSeconds(60)));
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

        Attempt second = new Attempt(2, 1, 0, "Created", null, 1, Optional.of(NOW.minusSeconds(60)));
        ImageBuildStatus next = WRITER.write(build, new News.Started(second, "web-2-1"));
        assertThat(conditions(next))
                .isEqualTo("Ready=Unknown/Building Succeeded=Unknown/Building Reconciling=True/Building"
                        + " PushPending=True/PushPending");
        assertThat(buildOf(next).pendingPushes()).isEqualTo(1);
        build.setStatus(next);
        assertThat(conditions(WRITER.write(build, succeeded()))).doesNotContain("PushPending");

        Attempt another = new Attempt(2, 2, 2, "RebuildRequested", "x", Optional.empty());
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
        assertThat(Kstatus.of(build, resumed)).isEqualTo(Kstatus.CURRENT);
        assertThat(StatusWriter.announcement(build, resumed)).isEmpty();
    }

    @Test
    void theHistoryHasItsLimits() {
        ImageBuild build = imageBuild(2, "history: {succeeded: 2, failed: 1}", "");
        for (int i = 0; i < 5; i++) {
            Attempt attempt = new Attempt(2, i, i, "RebuildRequested", "r" + i, Optional.empty());
            build.setStatus(WRITER.write(build, new News.Started(attempt, "web-2-" + i)));
            build.setStatus(WRITER.write(
                    build,
                    i % 2 == 0
                            ? succeeded()
                            : new News.Failed(BROKEN, Optional.empty(), Optional.of(ENDED), HALF, Optional.empty())));
        }
        assertThat(build.getStatus().history())
                .extracting("result")
                .containsExactly("Succeeded", "RunFailed", "Succeeded");
    }

    @Test
    void eachTransitionIsAnnouncedOnceAndByTheSameWord() {
        ImageBuild build = running();
        ImageBuildStatus next = WRITER.write(
                build, new News.Failed(BROKEN, Optional.empty(), Optional.of(ENDED), HALF, Optional.empty()));
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

    private static ImageBuild running() {
        ImageBuild build = imageBuild(2, "", "");
        StatusWriter earlier = new StatusWriter(Clock.offset(CLOCK, Duration.ofSeconds(-60)));
        build.setStatus(earlier.write(build, new News.Started(FIRST, "web-2-0")));
        return build;
    }

    private static ImageBuild afterSuccess() {
        ImageBuild build = running();
        return Fixtures.with(build, WRITER.write(build, succeeded()));
    }

    private static ImageBuild afterFailure() {
        ImageBuild build = running();
        return Fixtures.with(
                build,
                WRITER.write(
                        build, new News.Failed(BROKEN, Optional.empty(), Optional.of(ENDED), HALF, Optional.empty())));
    }

    private static News.Succeeded succeeded() {
        Result.Succeeded result =
                new Result.Succeeded("registry.example.com/web@" + DIGEST, DIGEST, 4711, List.of("1", "latest"));
        BuildReport report = BuildReport.of(
                result,
                "userns",
                "c0ffee",
                List.of(new BaseImage("debian:12", DIGEST)),
                List.of(STEP_1, STEP_2),
                List.of());
        return new News.Succeeded(report, result, ENDED, HALF);
    }

    private static Progress pushing() {
        return new Progress(4, HALF.done(), Map.of(), true, "userns", List.of(), null, List.of(), List.of());
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
