package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The state of an [ImageBuild] as the operator last saw it. Only the operator writes it.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageBuildStatus(
        @Default("-1")
        @JsonPropertyDescription(
                "The generation that the conditions speak of; -1 before the operator has seen the resource.")
        @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("The state in one word.")
        @JsonFormat(with = JsonFormat.Feature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
        @Nullable
        Phase phase,

        @JsonPropertyDescription("The state for tools. Reconciling and Stalled are present only while they are true.")
        List<Condition> conditions,

        @JsonPropertyDescription("The image of the last build that succeeded, by digest.") @Nullable
        String image,

        @JsonPropertyDescription("The digest of that image.") @Nullable
        String digest,

        @JsonPropertyDescription("The size of that image in bytes: its configuration and its compressed layers.")
        @Nullable
        Long sizeBytes,

        @JsonPropertyDescription("The tags that lead to that image.")
        List<String> tags,

        @JsonPropertyDescription("How the RUNs of the last build were isolated: userns, nested, chroot or assemble.")
        @Nullable
        String isolation,

        @JsonPropertyDescription("The stronger ways, and why the namespace or the node did not give them.")
        List<LeftOutRungStatus> isolationLeftOut,

        @JsonPropertyDescription("What the source was when that image was built.") @Nullable
        SourceStatus source,

        @JsonPropertyDescription("The images that it was built from, and what their names led to.")
        List<BaseImageStatus> baseImages,

        @JsonPropertyDescription(
                "The images of the single platforms, if there are several. Their index is what the rest of the status"
                        + " speaks of.")
        List<PlatformStatus> platforms,

        @JsonPropertyDescription("A build that is wanted and has not begun.") @Nullable
        DueBuild due,

        @JsonPropertyDescription("When the image is built again by its schedule.") @Nullable
        ScheduleStatus schedule,

        @JsonPropertyDescription("The last look whether base images have moved, after the last build that succeeded.")
        @Nullable
        BaseImagesCheck baseImagesCheck,

        @JsonPropertyDescription("The build that runs, or the last one.") @Nullable
        BuildStatus build,

        @JsonPropertyDescription("The steps of that build that are done.")
        List<StepStatus> steps,

        @JsonPropertyDescription("Why that build, or its last attempt, failed.") @Nullable
        FailureStatus failure,

        @JsonPropertyDescription("What the builder wants the user to know of that build.")
        List<String> warnings,

        @JsonPropertyDescription(
                "The value of the annotation kiln.build/rebuild-requested-at that the last build answered.")
        @Nullable
        String rebuildRequestedAt,

        @JsonPropertyDescription("The finished builds, the newest first.")
        List<HistoryEntry> history) {

    public ImageBuildStatus {
        conditions = Copies.of(conditions);
        tags = Copies.of(tags);
        isolationLeftOut = Copies.of(isolationLeftOut);
        baseImages = Copies.of(baseImages);
        platforms = Copies.of(platforms);
        steps = Copies.of(steps);
        warnings = Copies.of(warnings);
        history = Copies.of(history);
    }

    /// The status of a resource that the operator has not seen.
    public static final ImageBuildStatus NONE = new ImageBuildStatus(
            null, null, List.of(), null, null, null, List.of(), null, List.of(), null, List.of(), List.of(), null, null,
            null, null, List.of(), null, List.of(), null, List.of());
}
