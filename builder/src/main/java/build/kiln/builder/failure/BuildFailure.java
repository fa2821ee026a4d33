package build.kiln.builder.failure;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A build that ends badly, said so that the user can act on it.
///
/// The message is `place: what happened, seen against expected. What to do.` It is complete: nobody has to read a
/// cause to understand it. It never holds a secret, nor the user-info or query of a URL.
public abstract sealed class BuildFailure extends RuntimeException
        permits DockerfileFailure,
                SourceFailure,
                StepFailure,
                RegistryFailure,
                RequestFailure,
                PlatformFailure,
                Defect {

    private final Reason reason;
    private final String place;
    private final String fact;
    private final String advice;

    BuildFailure(Reason reason, String place, String fact, String advice, @Nullable Throwable cause) {
        super((place.isEmpty() ? "" : place + ": ") + fact + (advice.isEmpty() ? "" : " " + advice), cause);
        this.reason = reason;
        this.place = place;
        this.fact = fact;
        this.advice = advice;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    public Reason reason() {
        return reason;
    }

    public Fault fault() {
        return reason.fault();
    }

    /// Where it happened, as the user knows it: `Dockerfile:14`, `spec.source.git.url`; empty where there is no such
    /// place.
    public String place() {
        return place;
    }

    /// What happened, without the place and the advice.
    public String fact() {
        return fact;
    }

    /// What the user can do, in whole sentences; already part of the message.
    public String advice() {
        return advice;
    }
}
