package build.kiln.operator.policy;

import build.kiln.crds.ImageBuildSpec;
import build.kiln.protocol.BuildReport.Result;
import java.util.List;
import java.util.Optional;

/// Specs that no builder can be asked to build, which the API server could not know.
public final class Refusals {

    private Refusals() {}

    /// Why this spec is refused; empty if it is not.
    static Optional<Result.Failed> of(ImageBuildSpec spec) {
        try {
            Schedule.of(spec.rebuild());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(failed(Reasons.ScheduleInvalid, String.valueOf(e.getMessage())));
        }
    }

    /// The refusal of a request that does not fit into a pod's annotation.
    public static Result.Failed sourceTooLarge(int bytes, int most) {
        return failed(
                Reasons.SourceTooLarge,
                "The build request of this resource takes %d bytes, most of them in spec.source.inline.files; at most %d bytes fit into a pod's annotation. Keep large files in spec.source.git or spec.source.volume."
                        .formatted(bytes, most));
    }

    private static Result.Failed failed(Reasons reason, String message) {
        return new Result.Failed(reason.name(), reason.fault(), message, null, null, List.of());
    }
}
