package build.kiln.builder.report;

import build.kiln.builder.execute.BuiltImages;
import build.kiln.builder.execute.FinishedStep;
import build.kiln.builder.execute.StepResult;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.StepFailure;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.Step;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.protocol.BaseImage;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Fault;
import build.kiln.protocol.LeftOutRung;
import build.kiln.protocol.Rung;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator is told at the end.
public final class Reports {

    private Reports() {}

    /// Of what has neither plan nor steps.
    public static BuildReport of(Result result, List<String> warnings, Milestones milestones) {
        return BuildReport.of(result, null, null, List.of(), List.of(), warnings)
                .withTimeline(milestones.timeline());
    }

    /// @param reference what was pushed, by digest
    /// @param tags that lead to it now
    public static BuildReport succeeded(
            BuiltImages image,
            Plan plan,
            String reference,
            List<String> tags,
            Isolation isolation,
            @Nullable String sourceRevision,
            List<String> warnings,
            Milestones milestones) {
        return BuildReport.of(
                        new Result.Succeeded(
                                reference, image.descriptor().digest().toString(), image.sizeBytes(), tags),
                        isolation.rung().word(),
                        sourceRevision,
                        baseImages(plan),
                        steps(image.steps(), milestones),
                        warnings)
                .withLeftOut(leftOut(isolation))
                .withTimeline(milestones.timeline());
    }

    /// @param plan null if the build failed before it was made
    /// @param steps those that were done before the failure
    public static BuildReport failed(
            BuildFailure failure,
            @Nullable Plan plan,
            List<FinishedStep> steps,
            @Nullable Isolation isolation,
            @Nullable String sourceRevision,
            List<String> warnings,
            Milestones milestones) {
        StepFailure step = failure instanceof StepFailure of ? of : null;
        return BuildReport.of(
                        new Result.Failed(
                                failure.reason().name(),
                                fault(failure.fault()),
                                failure.getMessage(),
                                step == null ? null : step.step(),
                                step == null || step.exitCode() < 0 ? null : Integer.valueOf(step.exitCode()),
                                step == null ? List.of() : step.logTail()),
                        isolation == null ? null : isolation.rung().word(),
                        sourceRevision,
                        plan == null ? List.of() : baseImages(plan),
                        steps(steps, milestones),
                        warnings)
                .withLeftOut(isolation == null ? List.of() : leftOut(isolation))
                .withTimeline(milestones.timeline());
    }

    /// The better rungs, as the operator reads of them.
    static List<LeftOutRung> leftOut(Isolation isolation) {
        return isolation.leftOut().stream()
                .map(one -> new LeftOutRung(Rung.valueOf(one.rung().name()), one.reason()))
                .toList();
    }

    static StepReport step(Step step, StepResult result) {
        return new StepReport(
                step.label().text(),
                outcome(result.outcome()),
                result.took().toMillis(),
                result.sizeBytes(),
                result.digest() == null ? null : result.digest().toString(),
                result.missReason().isEmpty() ? null : result.missReason());
    }

    /// What the image's name led to: the index or manifest, or the manifest where the name says nothing.
    static Digest namedDigest(build.kiln.builder.plan.BaseImage image) {
        Digest named = image.home().named();
        return named == null ? image.manifest() : named;
    }

    private static List<StepReport> steps(List<FinishedStep> steps, Milestones milestones) {
        return steps.stream()
                .map(one -> milestones.noted(one.step(), one.result()))
                .toList();
    }

    private static List<BaseImage> baseImages(Plan plan) {
        return plan.baseImages().stream()
                .map(image -> new BaseImage(image.name(), namedDigest(image).toString()))
                .toList();
    }

    private static StepOutcome outcome(StepResult.Outcome outcome) {
        return switch (outcome) {
            case RAN -> StepOutcome.RAN;
            case CACHED -> StepOutcome.CACHED;
            case SHARED -> StepOutcome.SHARED;
            case RESUMED -> StepOutcome.RESUMED;
        };
    }

    private static Fault fault(build.kiln.builder.failure.Fault fault) {
        return switch (fault) {
            case USER -> Fault.USER;
            case REMOTE -> Fault.REMOTE;
            case PLATFORM -> Fault.PLATFORM;
            case KILN -> Fault.KILN;
        };
    }
}
