package build.kiln.builder.failure;

import org.jspecify.annotations.Nullable;

/// A registry refused, did not answer, or sent something wrong.
public final class RegistryFailure extends BuildFailure {

    public RegistryFailure(Reason reason, String place, String fact, String advice) {
        this(reason, place, fact, advice, null);
    }

    public RegistryFailure(Reason reason, String place, String fact, String advice, @Nullable Throwable cause) {
        super(reason, place, fact, advice, cause);
    }
}
