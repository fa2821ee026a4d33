package build.kiln.crds;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The image of one platform of several.
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record PlatformStatus(
        @Required @JsonPropertyDescription("The platform, as in spec.platforms.")
        String platform,

        @JsonPropertyDescription("The state in one word.")
        @JsonFormat(with = JsonFormat.Feature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
        @Nullable
        Phase phase,

        @JsonPropertyDescription("The state for tools.") List<Condition> conditions,

        @JsonPropertyDescription("The digest of the platform's image. A tag leads to it only by way of the index.")
        @Nullable
        String digest,

        @JsonPropertyDescription("The size of that image in bytes: its configuration and its compressed layers.")
        @Nullable
        Long sizeBytes,

        @JsonPropertyDescription("How the RUNs of the last build were isolated: userns, nested, chroot or assemble.")
        @Nullable
        String isolation,

        @JsonPropertyDescription("The stronger ways, and why the namespace or the node did not give them.")
        List<LeftOutRungStatus> isolationLeftOut,

        @JsonPropertyDescription("What the source was when that image was built.") @Nullable
        SourceStatus source,

        @JsonPropertyDescription("The images that it was built from, and what their names led to.")
        List<BaseImageStatus> baseImages,

        @JsonPropertyDescription("The build for this platform that runs, or the last one.") @Nullable
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
        String rebuildRequestedAt) {

    public PlatformStatus {
        conditions = Copies.of(conditions);
        isolationLeftOut = Copies.of(isolationLeftOut);
        baseImages = Copies.of(baseImages);
        steps = Copies.of(steps);
        warnings = Copies.of(warnings);
    }
}
