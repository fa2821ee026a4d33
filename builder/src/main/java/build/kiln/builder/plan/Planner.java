package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.lint.LintFacts;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.failure.RequestFailure;
import build.kiln.builder.oci.ImageConfig;
import build.kiln.builder.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes plans: what has to be done for a Dockerfile, and what config and history its image gets.
///
/// Pure, but for the images and times that it asks for. Stages that the target does not need are checked as far as
/// their own words go, and nothing is asked for them.
public final class Planner {

    private static final Set<String> PROXIES =
            Set.of("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy");

    private Planner() {}

    /// @throws build.kiln.builder.failure.DockerfileFailure if the Dockerfile breaks a rule (`DockerfileInvalid`),
    ///     has no such target (`TargetNotFound`), asks for what is refused (`NotSupportedYet`), or has warnings
    ///     and wants to fail because of them
    /// @throws build.kiln.builder.failure.BuildFailure if an image cannot be resolved
    public static Plan plan(Dockerfile dockerfile, PlanRequest request, BaseImages baseImages) {
        return plan(dockerfile, request, baseImages, SourceTimes.unknown(), LintFacts.IgnoredPaths.NONE);
    }

    /// The same, where `SOURCE_DATE_EPOCH` can name a source, and warnings can tell what `.dockerignore` leaves out.
    public static Plan plan(
            Dockerfile dockerfile,
            PlanRequest request,
            BaseImages baseImages,
            SourceTimes times,
            LintFacts.IgnoredPaths ignored) {
        Frontend.check(dockerfile, request.buildArgs());
        GlobalScope scope = GlobalScope.of(dockerfile, request, times);
        Contexts contexts = new Contexts(request.contexts());
        StageGraph graph = StageGraph.of(dockerfile, scope, contexts);
        StageDraft target = graph.target(request.target());
        Images images = new Images(baseImages, contexts, graph.stageNames());
        Set<StageDraft> needed = new StageBases(graph, scope, request, images).resolve(target);

        StagePlanner.Build build = new StagePlanner.Build(scope, request, images, proxies(request.buildArgs()));
        List<PlannedStage> stages = new ArrayList<>();
        for (StageDraft draft : graph.stages()) {
            if (needed.contains(draft)) {
                StageState state = planStage(build, graph, draft);
                stages.add(finish(draft, state, draft == target, build));
                if (draft == target) {
                    break;
                }
            }
        }
        List<PlanWarning> warnings = PlanLint.warnings(scope, images, needed, ignored);
        return new Plan(scope.target(), stages, images.all(), warnings, scope.epoch(), hostname(request));
    }

    private static StageState planStage(StagePlanner.Build build, StageGraph graph, StageDraft draft) {
        StageState state = draft.state;
        if (draft.base != null) {
            StageState base = draft.base.state;
            if (base == null) {
                throw new IllegalStateException("a stage stands before those that start from it");
            }
            state = base.next(draft.base.index());
        }
        if (state == null) {
            throw new IllegalStateException("what a needed stage starts from is looked up");
        }
        draft.state = state;
        String shownStage = graph.hasOneStage() ? "" : draft.title();
        if (build.request().naming() == PlanRequest.Naming.BY_PLATFORM) {
            shownStage = (state.platform + " " + shownStage).strip();
        }
        new StagePlanner(build, draft, state, StepLabels.of(draft, shownStage)).plan();
        draft.planned = true;
        if (!state.steps.isEmpty() && state.image.isWindows() && !state.image.diffIds.isEmpty()) {
            throw draft.stage
                    .origin()
                    .notSupportedYet(
                            "FROM uses a Windows image as the base of further layers, which Kiln does not do yet.",
                            "Build it on Windows; Kiln takes such an image only as it is.");
        }
        return state;
    }

    private static PlannedStage finish(StageDraft draft, StageState state, boolean isTarget, StagePlanner.Build build) {
        Platform platform = state.image.platform;
        if (isTarget) {
            platform = finalPlatform(draft, state, build.scope());
            state.image.labels.putAll(build.request().labels());
        }
        ImageConfig image = HistoryOfLayers.complete(
                state.image.finish(platform == null ? state.platform : platform), state.layerDescriptions);
        return new PlannedStage(draft.index(), draft.title(), state.base, state.steps, image, state.platform);
    }

    /// What the user asked for, even if the base calls itself something else. Its version of the operating system
    /// stays if the user named none.
    private static Platform finalPlatform(StageDraft draft, StageState state, GlobalScope scope) {
        Platform own = state.image.platform;
        Platform wanted = scope.target();
        if (!scope.platformNamed()) {
            if (own == null) {
                throw draft.stage
                        .origin()
                        .failure(
                                "The image of stage \"" + draft.title() + "\" has no platform, since a named context "
                                        + "that is no image stands in for the stage that it starts from.",
                                "Name the platform, for example --platform=" + wanted + ".");
            }
            return own;
        }
        boolean same = own != null
                && own.os().equals(wanted.os())
                && own.architecture().equals(wanted.architecture());
        Platform chosen = same && wanted.variant() == null && own != null ? own : wanted;
        return wanted.osVersion() != null || own == null
                ? chosen.withOsVersion(wanted.osVersion())
                : chosen.withOsVersion(own.osVersion());
    }

    /// Proxies reach every RUN in both spellings, and neither image nor cache key.
    private static List<String> proxies(Map<String, String> buildArgs) {
        List<String> all = new ArrayList<>();
        buildArgs.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (PROXIES.contains(lower) && !value.isEmpty()) {
                all.add(lower.toUpperCase(Locale.ROOT) + "=" + value);
                all.add(lower + "=" + value);
            }
        });
        return all;
    }

    private static @Nullable String hostname(PlanRequest request) {
        String given = request.buildArgs().getOrDefault("BUILDKIT_SANDBOX_HOSTNAME", "");
        if (!given.isEmpty()) {
            if (!given.matches("[a-zA-Z0-9._-]{1,253}")) {
                throw new RequestFailure(
                        Reason.RequestInvalid,
                        "build argument BUILDKIT_SANDBOX_HOSTNAME",
                        "\"" + given + "\" is not a host name.",
                        "Use letters, digits, dots and hyphens.");
            }
            return given;
        }
        return request.hostname();
    }
}
