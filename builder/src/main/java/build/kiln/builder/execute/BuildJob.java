package build.kiln.builder.execute;

import build.kiln.builder.layer.Compressor;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.source.BuildContext;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;

/// One plan to build, with all that it reads besides images.
///
/// @param identity what this build has in common with its earlier ones: the image's name, or the folder that it is of
/// @param dockerfileName as the user knows it, for messages
/// @param context the main build context, brought when the first step needs it
/// @param namedContexts further contexts that are files, by name
/// @param remote what an ADD names that lies elsewhere
/// @param epoch to which file times are clamped, and the time of the image
/// @param epochOrigin an epoch that the user fixed is part of every cache key
/// @param compressor of the final image's layers
/// @param annotations of the manifest
/// @param descriptorAnnotations of what names the manifest in an index
/// @param inlineCache whether the image tells other builds of its steps
public record BuildJob(
        Plan plan,
        String identity,
        String dockerfileName,
        Supplier<BuildContext> context,
        Map<String, Supplier<BuildContext>> namedContexts,
        RemoteFiles remote,
        Instant epoch,
        EpochOrigin epochOrigin,
        Compressor compressor,
        RunSettings run,
        Map<String, String> annotations,
        Map<String, String> descriptorAnnotations,
        InlineCacheUse inlineCache) {

    /// Whether the image carries the records of its own steps.
    public enum InlineCacheUse {
        WRITTEN,
        LEFT_OUT
    }

    /// Who chose the epoch.
    public enum EpochOrigin {
        /// The user, for the image as a whole: no time in its config is later, not even those of the base.
        OUTPUT,
        /// The user or the Dockerfile, by the build argument `SOURCE_DATE_EPOCH`.
        GIVEN,
        /// It follows from the source.
        DERIVED
    }

    public BuildJob {
        namedContexts = Map.copyOf(namedContexts);
        annotations = Map.copyOf(annotations);
        descriptorAnnotations = Map.copyOf(descriptorAnnotations);
    }
}
