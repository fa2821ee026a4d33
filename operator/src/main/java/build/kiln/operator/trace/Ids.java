package build.kiln.operator.trace;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/// The ids of spans. Those of a build and its attempts, and of its trace, come from the build: so attempts can be sent
/// when
/// they end, before the build itself is, and by another operator.
final class Ids implements IdGenerator {

    private final ThreadLocal<Optional<SpanContext>> next = ThreadLocal.withInitial(Optional::empty);

    /// The context of the root span of a build.
    ///
    /// @param build tells it from all others
    static SpanContext root(String build) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(build.getBytes(StandardCharsets.UTF_8));
            HexFormat hex = HexFormat.of();
            return SpanContext.create(
                    hex.formatHex(digest, 0, 16),
                    hex.formatHex(digest, 16, 24),
                    TraceFlags.getSampled(),
                    TraceState.getDefault());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256.", e);
        }
    }

    /// The next span that this thread starts is this one; of its trace, if it has no parent.
    void next(SpanContext span) {
        next.set(Optional.of(span));
    }

    /// Those after it have ids that nobody has.
    void started() {
        next.remove();
    }

    @Override
    public String generateTraceId() {
        return next.get().map(SpanContext::getTraceId).orElseGet(IdGenerator.random()::generateTraceId);
    }

    @Override
    public String generateSpanId() {
        return next.get().map(SpanContext::getSpanId).orElseGet(IdGenerator.random()::generateSpanId);
    }
}
