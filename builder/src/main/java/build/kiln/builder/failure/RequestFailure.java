package build.kiln.builder.failure;

import org.jspecify.annotations.Nullable;

/// The command line, the build request or a credential is wrong.
public final class RequestFailure extends BuildFailure {

    public RequestFailure(Reason reason, String place, String fact, String advice) {
        this(reason, place, fact, advice, null);
    }

    public RequestFailure(Reason reason, String place, String fact, String advice, @Nullable Throwable cause) {
        super(reason, place, fact, advice, cause);
    }
}
