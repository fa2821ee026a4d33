package build.kiln.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// How one attempt of a build ended. The builder leaves it as the container's termination message.
///
/// @param version always [#VERSION]
/// @param isolation the rung that RUNs had; null if the build ended before it was known
/// @param leftOut the better rungs, the strongest first
/// @param sourceRevision the commit that was built; null for a source without one
/// @param steps the steps that are done, in the Dockerfile's order
/// @param counts of `steps`, true even where `steps` had to be left out
/// @param timeline null from a builder that does not note it
/// @param warnings whole sentences
/// @param omitted the parts that were left out or shortened so that the report fits
public record BuildReport(
        int version,
        Result result,
        @Nullable String isolation,
        List<LeftOutRung> leftOut,
        @Nullable String sourceRevision,
        List<BaseImage> baseImages,
        StepCounts counts,
        List<StepReport> steps,
        @Nullable Timeline timeline,
        List<String> warnings,
        List<String> omitted) {

    public static final int VERSION = 1;

    /// What the kubelet keeps of a container's termination message.
    public static final int MAX_BYTES = 4096;

    private static final int SHORT_MESSAGE = 600;

    public BuildReport {
        if (version != VERSION) {
            throw new IllegalArgumentException("The report has version " + version + "; expected was " + VERSION + ".");
        }
        Wire.present(result, "result");
        leftOut = Wire.list(leftOut);
        baseImages = Wire.list(baseImages);
        steps = Wire.list(steps);
        counts = counts == null ? StepCounts.of(steps) : counts;
        warnings = Wire.list(warnings);
        omitted = Wire.list(omitted);
    }

    /// A report of all that is known; [#toTerminationMessage] decides what of it fits.
    public static BuildReport of(
            Result result,
            @Nullable String isolation,
            @Nullable String sourceRevision,
            List<BaseImage> baseImages,
            List<StepReport> steps,
            List<String> warnings) {
        return new BuildReport(
                VERSION,
                result,
                isolation,
                List.of(),
                sourceRevision,
                baseImages,
                StepCounts.of(steps),
                steps,
                null,
                warnings,
                List.of());
    }

    /// The same, with the better rungs than the one that RUNs had.
    public BuildReport withLeftOut(List<LeftOutRung> rungs) {
        return new BuildReport(
                version,
                result,
                isolation,
                rungs,
                sourceRevision,
                baseImages,
                counts,
                steps,
                timeline,
                warnings,
                omitted);
    }

    /// The same, with when it came how far.
    public BuildReport withTimeline(Timeline times) {
        return new BuildReport(
                version,
                result,
                isolation,
                leftOut,
                sourceRevision,
                baseImages,
                counts,
                steps,
                times,
                warnings,
                omitted);
    }

    /// The build's end: with an image, or without; or what a look at the base images found.
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "outcome")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Result.Succeeded.class, name = "succeeded"),
        @JsonSubTypes.Type(value = Result.UpToDate.class, name = "upToDate"),
        @JsonSubTypes.Type(value = Result.Moved.class, name = "moved"),
        @JsonSubTypes.Type(value = Result.Failed.class, name = "failed")
    })
    public sealed interface Result {

        /// @param image the reference that was pushed, by digest: `registry.example.com/team/web@sha256:…`
        /// @param digest of the manifest
        /// @param sizeBytes of the config and all compressed layers together
        /// @param tags that now lead to the image
        record Succeeded(String image, String digest, long sizeBytes, List<String> tags) implements Result {
            public Succeeded {
                Wire.required(image, "result.image");
                Wire.required(digest, "result.digest");
                tags = Wire.list(tags);
            }
        }

        /// The names of all base images lead to what they led to: there is nothing to build.
        record UpToDate() implements Result {}

        /// Names of base images lead to something else.
        ///
        /// @param images those that do, with what they lead to now; at least one
        record Moved(List<BaseImage> images) implements Result {
            @JsonCreator
            public Moved(@JsonProperty("images") List<BaseImage> images) {
                this.images = Wire.list(images);
                if (this.images.isEmpty()) {
                    throw new IllegalArgumentException(
                            "The field \"result.images\" is empty; an image has moved at least.");
                }
            }
        }

        /// @param reason one CamelCase word, an entry of `docs/errors.md`
        /// @param message whole sentences: what happened, where, seen against expected, what to do
        /// @param step the instruction at fault; null if none was
        /// @param exitCode of the process at fault; null if none was
        /// @param logTail the last lines that the step printed
        record Failed(
                String reason,
                Fault fault,
                String message,
                @Nullable String step,
                @Nullable Integer exitCode,
                List<String> logTail)
                implements Result {
            public Failed {
                Wire.required(reason, "result.reason");
                Wire.present(fault, "result.fault");
                Wire.required(message, "result.message");
                step = step == null ? null : Text.cut(Text.oneLine(step), StepReport.MAX_INSTRUCTION);
                logTail = Wire.list(logTail);
            }
        }
    }

    /// How many steps ended in which way.
    public record StepCounts(int ran, int cached, int shared, int resumed) {

        static StepCounts of(List<StepReport> steps) {
            return new StepCounts(
                    count(steps, StepOutcome.RAN),
                    count(steps, StepOutcome.CACHED),
                    count(steps, StepOutcome.SHARED),
                    count(steps, StepOutcome.RESUMED));
        }

        private static int count(List<StepReport> steps, StepOutcome outcome) {
            return (int) steps.stream().filter(s -> s.outcome() == outcome).count();
        }

        public int total() {
            return ran + cached + shared + resumed;
        }
    }

    /// The report as JSON of at most [#MAX_BYTES] bytes.
    ///
    /// What does not fit is left out in a fixed order, the least missed first: why steps were not cached, layer
    /// digests, when steps began, warnings, the older lines of the log, the steps, the rungs that
    /// were left out, base images, tags, the rest of the log, and at
    /// last the end of a very long message. Reason, fault and digest always stay.
    public String toTerminationMessage() {
        BuildReport report = this;
        for (UnaryOperator<BuildReport> cut : CUTS) {
            String json = Wire.write(report);
            if (fits(json)) {
                return json;
            }
            report = cut.apply(report);
        }
        return Wire.write(report);
    }

    private static boolean fits(String json) {
        return json.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    private static final List<UnaryOperator<BuildReport>> CUTS = List.of(
            r -> r.withSteps(r.steps.stream().map(StepReport::withoutMissReason).toList(), "steps.missReason"),
            r -> r.withSteps(r.steps.stream().map(StepReport::withoutDigest).toList(), "steps.digest"),
            r -> r.withSteps(r.steps.stream().map(StepReport::withoutStart).toList(), "steps.startMillis"),
            r -> r.withWarnings(
                    r.warnings.stream().limit(3).map(w -> Text.cut(w, 200)).toList()),
            r -> r.withNewestLog(1024),
            r -> r.withSteps(List.of(), "steps"),
            r -> r.withWarnings(List.of()),
            BuildReport::withoutLeftOut,
            BuildReport::withFittingLog,
            BuildReport::withoutBaseImages,
            BuildReport::withoutTags,
            BuildReport::withShortMessage);

    private BuildReport withSteps(List<StepReport> fewer, String what) {
        return fewer.equals(steps) ? this : with(result, baseImages, fewer, warnings, what);
    }

    private BuildReport withWarnings(List<String> fewer) {
        return fewer.equals(warnings) ? this : with(result, baseImages, steps, fewer, "warnings");
    }

    private BuildReport withoutLeftOut() {
        return leftOut.isEmpty() ? this : withLeftOut(List.of()).with(result, baseImages, steps, warnings, "leftOut");
    }

    private BuildReport withoutBaseImages() {
        return baseImages.isEmpty() ? this : with(result, List.of(), steps, warnings, "baseImages");
    }

    private BuildReport withoutTags() {
        return result instanceof Result.Succeeded(var image, var digest, var size, var tags) && !tags.isEmpty()
                ? with(new Result.Succeeded(image, digest, size, List.of()), baseImages, steps, warnings, "tags")
                : this;
    }

    /// Keeps the newest lines of the log, as many as fit into what the rest leaves free.
    private BuildReport withFittingLog() {
        if (!(result instanceof Result.Failed failed) || failed.logTail().isEmpty()) {
            return this;
        }
        int rest = Wire.write(withLog(failed, List.of())).getBytes(StandardCharsets.UTF_8).length;
        return withNewestLog(Math.max(0, MAX_BYTES - rest - 32));
    }

    /// Keeps the newest lines of the log that take at most `bytes` as JSON; a longer last line is cut.
    private BuildReport withNewestLog(int bytes) {
        if (!(result instanceof Result.Failed failed) || jsonBytes(failed.logTail()) <= bytes) {
            return this;
        }
        List<String> kept = new ArrayList<>();
        for (String line : failed.logTail().reversed()) {
            kept.addFirst(Text.cut(line, 400));
            if (jsonBytes(kept) > bytes) {
                kept.removeFirst();
                break;
            }
        }
        return withLog(failed, kept);
    }

    private static int jsonBytes(List<String> lines) {
        return Wire.write(lines).getBytes(StandardCharsets.UTF_8).length;
    }

    private BuildReport withLog(Result.Failed f, List<String> lines) {
        return with(
                new Result.Failed(f.reason(), f.fault(), f.message(), f.step(), f.exitCode(), lines),
                baseImages,
                steps,
                warnings,
                "logTail");
    }

    /// The last resort: whatever the rest is, a message of [#SHORT_MESSAGE] characters fits.
    private BuildReport withShortMessage() {
        if (!(result instanceof Result.Failed f)) {
            return this;
        }
        var shorter = new Result.Failed(
                Text.cut(f.reason(), 80),
                f.fault(),
                Text.cut(f.message(), SHORT_MESSAGE),
                f.step(),
                f.exitCode(),
                List.of());
        return with(shorter, baseImages, steps, warnings, "message");
    }

    private BuildReport with(
            Result newResult,
            List<BaseImage> newBaseImages,
            List<StepReport> newSteps,
            List<String> newWarnings,
            String what) {
        List<String> left = new ArrayList<>(omitted);
        if (!left.contains(what)) {
            left.add(what);
        }
        return new BuildReport(
                version,
                newResult,
                isolation,
                leftOut,
                sourceRevision,
                newBaseImages,
                counts,
                newSteps,
                timeline,
                newWarnings,
                left);
    }

    /// Reads what a builder left behind. Fields that are not known are passed over: the builder may be newer.
    ///
    /// @throws ProtocolMismatch if it is not a report, or of another version
    public static BuildReport parse(String json) throws ProtocolMismatch {
        return Wire.read(
                Wire.LENIENT,
                json,
                BuildReport.class,
                "build report",
                VERSION,
                "The builder image and the operator are of different releases; use a builder image of the operator's own"
                        + " release (setting KILN_BUILDER_IMAGE).");
    }
}
