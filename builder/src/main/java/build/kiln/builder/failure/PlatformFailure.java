package build.kiln.builder.failure;

import org.jspecify.annotations.Nullable;

/// The machine, the pod or a volume could not do what the build needs.
public final class PlatformFailure extends BuildFailure {

    public PlatformFailure(Reason reason, String place, String fact, String advice) {
        this(reason, place, fact, advice, null);
    }

    public PlatformFailure(Reason reason, String place, String fact, String advice, @Nullable Throwable cause) {
        super(reason, place, fact, advice, cause);
    }
}
