package build.kiln.operator.policy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Why a build runs: `status.due.reason`, `status.build.reason` and `status.history[].reason`, word by word.
public enum BuildReason {
    /// The resource is new.
    Created("the resource is new"),
    /// What decides about the image has changed in the spec.
    SpecChange("the spec has changed"),
    /// The annotation `kiln.build/rebuild-requested-at` has a new value.
    Requested("a rebuild was requested"),
    /// The time of `spec.rebuild.schedule` has come.
    Schedule("it is time by spec.rebuild.schedule"),
    /// The name of a base image leads to another digest.
    BaseImage("a base image has moved"),
    /// The Flux object that is the source has another artifact.
    SourceRevision("the source has a new revision"),
    /// The git server told of a push.
    Webhook("the git server told of a push");

    private final String words;

    BuildReason(String words) {
        this.words = words;
    }

    /// A clause for messages.
    public String words() {
        return words;
    }

    /// Whether a person waits for it: one who changed something, or asked.
    public boolean isAskedFor() {
        return switch (this) {
            case Created, SpecChange, Requested, SourceRevision, Webhook -> true;
            case Schedule, BaseImage -> false;
        };
    }

    /// The reason that a status has; what an earlier release called otherwise was asked for.
    public static BuildReason of(@Nullable String word) {
        return Arrays.stream(values())
                .filter(r -> r.name().equals(word))
                .findFirst()
                .orElse(Requested);
    }
}
