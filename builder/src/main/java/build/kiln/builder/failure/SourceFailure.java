package build.kiln.builder.failure;

import org.jspecify.annotations.Nullable;

/// The build context could not be had, or does not hold what the Dockerfile reads from it.
public final class SourceFailure extends BuildFailure {

    public SourceFailure(Reason reason, String place, String fact, String advice) {
        this(reason, place, fact, advice, null);
    }

    public SourceFailure(Reason reason, String place, String fact, String advice, @Nullable Throwable cause) {
        super(reason, place, fact, advice, cause);
    }
}
