package build.kiln.operator.status;

import static build.kiln.operator.policy.Fixtures.CLOCK;
import static build.kiln.operator.policy.Fixtures.DIGEST;
import static build.kiln.operator.policy.Fixtures.NOW;
import static build.kiln.operator.policy.Fixtures.imageBuild;
import static build.kiln.operator.policy.Fixtures.pod;

import build.kiln.crds.Condition;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.crds.Phase;
import build.kiln.crds.PlatformStatus;
import build.kiln.operator.policy.Attempt;
import build.kiln.operator.policy.BuildReason;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Fixtures;
import build.kiln.operator.policy.PodState;
import build.kiln.operator.policy.PodState.Hold;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.policy.Uncounted;
import build.kiln.operator.progress.Progress;
import build.kiln.protocol.BaseImage;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Fault;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Every kind of news, what comes of it in the languages of all who read a status, and every status that it can find.
final class Transitions {

    static final StatusWriter WRITER = new StatusWriter(CLOCK);
    static final Attempt FIRST = new Attempt(2, 0, 0, BuildReason.Created, null, Optional.empty());
    static final BuilderPod RUNNING = pod(2, 0, new PodState.Running());
    static final BuilderPod ENDED = pod(2, 0, new PodState.Reported(Fixtures.succeeded()));
    static final StepReport STEP_1 = new StepReport("RUN a", StepOutcome.CACHED, 5, 10, "sha256:1", null);
    static final StepReport STEP_2 = new StepReport("RUN b", StepOutcome.RAN, 1500, 0, null, "b.c changed");
    static final Progress HALF = new Progress(
            4,
            Map.of(1, STEP_1, 2, STEP_2),
            Map.of(3, "RUN c"),
            false,
            "userns",
            List.of(),
            null,
            List.of(),
            List.of("Beware."));
    static final Progress PUSHING =
            new Progress(4, HALF.done(), Map.of(), true, "userns", List.of(), null, List.of(), List.of());
    static final Result.Failed BROKEN = new Result.Failed(
            "RunFailed", Fault.USER, "It broke.", "RUN make", 2, List.of("cc x.c", "make: *** [all] Error 2"));
    static final Result.Failed AWAY =
            new Result.Failed("RegistryUnavailable", Fault.REMOTE, "It is away.", null, null, List.of());
    static final Result.Failed LEFT =
            new Result.Failed("PushPending", Fault.REMOTE, "Only the push is left.", null, null, List.of());

    private static final String WAITS = "Ready=Unknown Succeeded=Unknown Reconciling=True";
    private static final String BLOCKED = "Ready=False Succeeded=Unknown Stalled=True";
    private static final String THERE = "Ready=True Succeeded=True";

    /// What news make of a status, whatever it was.
    ///
    /// @param reason that of all conditions
    /// @param health that of Argo CD
    record Row(String name, News news, Phase phase, String reason, String conditions, Kstatus kstatus, String health) {

        /// Whether the operator can have such news of a resource in this state.
        boolean canFind(ImageBuild state) {
            boolean hasBuild = state.getStatus().build() != null;
            return switch (news) {
                case News.Note note -> true;
                case News.Delayed delayed -> true;
                case News.Blocked blocked -> true;
                case News.Started started -> true;
                case News.Platforms platforms -> true;
                case News.Failed failed -> hasBuild || failed.attempt().isPresent();
                case News.Suspended(boolean isBuilt) -> !isBuilt || isBuilt(state);
                case News.StillBuilt() -> isBuilt(state);
                // It changes nothing of what the state says.
                case News.StillWanted() -> isBuilding(state);
                case News.Working working -> hasBuild;
                case News.Retrying retrying -> hasBuild;
                case News.PushPending pending -> hasBuild;
                case News.Succeeded succeeded -> hasBuild;
            };
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private Transitions() {}

    static List<Row> rows() {
        News platformRefused = platforms(new News.Blocked(Reasons.PodForbidden, "m"), working(HALF));
        News platformsPushed = platforms(succeeded(), working(PUSHING));
        News platformQueued = platforms(succeeded(), new News.Delayed(Reasons.Queued, "m"));
        News platformAway = platforms(succeeded(), retrying());
        Hold full = new Hold("Unschedulable", "0/3 nodes", "Look at spec.pod.");
        return List.of(
                progressing("waits for its turn", new News.Delayed(Reasons.Queued, "m"), Phase.Queued, "Queued"),
                progressing("no quota", new News.Delayed(Reasons.QuotaExceeded, "m"), Phase.Queued, "QuotaExceeded"),
                progressing("supersedes", new News.Delayed(Reasons.Superseding, "m"), Phase.Queued, "Superseding"),
                blocked("refused", new News.Blocked(Reasons.PodForbidden, "m"), Phase.Queued),
                progressing("started", new News.Started(FIRST, "web-2-0"), Phase.Building, "Building"),
                progressing("works", working(HALF), Phase.Building, "Building"),
                progressing("goes on for another generation", new News.StillWanted(), Phase.Building, "Building"),
                progressing("no node", new News.Working(RUNNING, full, Progress.NONE), Phase.Building, "Unschedulable"),
                progressing(
                        "waits in Kueue's queue",
                        new News.Working(
                                RUNNING, new Hold("QueuedByKueue", "waits in Kueue's queue", ""), Progress.NONE),
                        Phase.Queued,
                        "QueuedByKueue"),
                progressing("pushes", working(PUSHING), Phase.Pushing, "Pushing"),
                progressing("tried again", retrying(), Phase.Queued, "Retrying"),
                progressing("push pending", pushPending(), Phase.Queued, "PushPending"),
                progressing("platforms build", platforms(working(HALF), working(HALF)), Phase.Building, "Building"),
                progressing("platforms push", platformsPushed, Phase.Pushing, "Pushing"),
                progressing("a platform waits", platformQueued, Phase.Queued, "Queued"),
                progressing("a platform is tried again", platformAway, Phase.Queued, "Retrying"),
                blocked("a platform is refused", platformRefused, Phase.Building),
                new Row("succeeded", succeeded(), Phase.Succeeded, "Succeeded", THERE, Kstatus.CURRENT, "Healthy"),
                failed(
                        "failed",
                        new News.Failed(
                                BROKEN,
                                Optional.empty(),
                                Optional.of(ENDED),
                                HALF,
                                Optional.empty(),
                                Optional.empty())),
                failed(
                        "failed before it had a pod",
                        new News.Failed(
                                BROKEN,
                                Optional.empty(),
                                Optional.empty(),
                                Progress.NONE,
                                Optional.of(FIRST),
                                Optional.empty())),
                new Row(
                        "suspended",
                        new News.Suspended(false),
                        Phase.Suspended,
                        "Suspended",
                        "Ready=False Succeeded=Unknown",
                        Kstatus.IN_PROGRESS,
                        "Suspended"),
                new Row(
                        "suspended when it was built",
                        new News.Suspended(true),
                        Phase.Suspended,
                        "Succeeded",
                        THERE,
                        Kstatus.CURRENT,
                        "Healthy"),
                new Row(
                        "still built",
                        new News.StillBuilt(),
                        Phase.Succeeded,
                        "Succeeded",
                        THERE,
                        Kstatus.CURRENT,
                        "Healthy"));
    }

    private static Row progressing(String name, News news, Phase phase, String reason) {
        return new Row(name, news, phase, reason, WAITS, Kstatus.IN_PROGRESS, "Progressing");
    }

    private static Row blocked(String name, News news, Phase phase) {
        return new Row(name, news, phase, "PodForbidden", BLOCKED, Kstatus.FAILED, "Degraded");
    }

    private static Row failed(String name, News news) {
        String conditions = "Ready=False Succeeded=False Stalled=True";
        return new Row(name, news, Phase.Failed, "RunFailed", conditions, Kstatus.FAILED, "Degraded");
    }

    /// Every state that a resource can be in when news come: none yet, and all that other news leave behind.
    static Map<String, ImageBuild> states() {
        Map<String, ImageBuild> states = new LinkedHashMap<>();
        states.put("nobody has seen it", unseen());
        for (Row row : rows()) {
            for (ImageBuild before : List.of(unseen(), running(), afterSuccess())) {
                if (row.canFind(before)) {
                    states.putIfAbsent(row.name(), Fixtures.with(before, WRITER.write(before, row.news())));
                }
            }
        }
        return states;
    }

    private static boolean isBuilt(ImageBuild state) {
        return state.getStatus().conditions().stream()
                .anyMatch(c -> c.type().equals("Succeeded") && c.status() == Condition.Status.True);
    }

    private static boolean isBuilding(ImageBuild state) {
        return state.getStatus().phase() == Phase.Building
                && state.getStatus().conditions().stream()
                        .allMatch(c -> c.reason().equals(Reasons.Building.name()));
    }

    /// A resource as the API server has it before the operator has seen it.
    static ImageBuild unseen() {
        return imageBuild(2, "", "observedGeneration: -1");
    }

    static ImageBuild running() {
        ImageBuild build = imageBuild(2, "", "");
        StatusWriter earlier = new StatusWriter(Clock.offset(CLOCK, Duration.ofSeconds(-60)));
        build.setStatus(earlier.write(build, new News.Started(FIRST, "web-2-0")));
        return build;
    }

    static ImageBuild afterSuccess() {
        ImageBuild build = running();
        return Fixtures.with(build, WRITER.write(build, succeeded()));
    }

    static ImageBuild afterFailure() {
        ImageBuild build = running();
        return Fixtures.with(
                build,
                WRITER.write(
                        build,
                        new News.Failed(
                                BROKEN,
                                Optional.empty(),
                                Optional.of(ENDED),
                                HALF,
                                Optional.empty(),
                                Optional.empty())));
    }

    static News.Succeeded succeeded() {
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

    private static News working(Progress progress) {
        return new News.Working(RUNNING, Hold.NOTHING, progress);
    }

    private static News retrying() {
        return new News.Retrying(AWAY, NOW.plusSeconds(10), Uncounted.NONE, Optional.empty(), Optional.of(ENDED), HALF);
    }

    private static News pushPending() {
        return new News.PushPending(LEFT, NOW.plusSeconds(10), 1, Optional.empty(), Optional.of(ENDED), HALF);
    }

    private static News platforms(News amd64, News arm64) {
        return new News.Platforms(
                FIRST, List.of(platform("linux/amd64", amd64), platform("linux/arm64", arm64)), List.of());
    }

    private static PlatformStatus platform(String name, News news) {
        return PlatformViews.toStatus(name, WRITER.write(running(), news));
    }

    /// The resource with this status as everybody but the operator sees it.
    static JsonNode asJson(ImageBuild build, ImageBuildStatus status) {
        return Serialization.unmarshal(Serialization.asJson(Fixtures.with(build, status)), JsonNode.class);
    }
}
