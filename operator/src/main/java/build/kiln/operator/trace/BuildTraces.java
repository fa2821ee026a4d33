package build.kiln.operator.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// One trace a build, sent by OTLP over HTTP. A collector that does not answer costs traces and nothing else.
public final class BuildTraces implements AutoCloseable {

    private static final Duration LAST_WORDS = Duration.ofSeconds(3);

    private final Ids ids = new Ids();
    private final SdkTracerProvider provider;
    private final Tracer tracer;

    /// @param endpoint where the collector is, without `/v1/traces`
    /// @param headers of each request, for example credentials
    public BuildTraces(URI endpoint, Map<String, String> headers) {
        ExportLog.toOurs();
        String base = endpoint.toString().replaceFirst("/+$", "");
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder().setEndpoint(base + "/v1/traces");
        headers.forEach(exporter::addHeader);
        provider = SdkTracerProvider.builder()
                .setIdGenerator(ids)
                .setResource(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "kiln-operator")))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter.build()).build())
                .build();
        tracer = provider.get("build.kiln");
    }

    /// An attempt at a build has ended. The build's own span comes [later][#build].
    ///
    /// @param build the same for all attempts at it, and for no other build
    /// @param name tells the attempt from others; sent twice, it is the same span
    public void attempt(String build, String name, Work attempt) {
        ids.next(Ids.root(build + "/" + name));
        send(attempt, Context.root().with(Span.wrap(Ids.root(build))));
    }

    /// A build has ended.
    public void build(String build, Work work) {
        SpanContext root = Ids.root(build);
        ids.next(root);
        send(work, Context.root());
    }

    private void send(Work work, Context parent) {
        SpanBuilder builder = tracer.spanBuilder(work.name()).setParent(parent).setStartTimestamp(work.start());
        work.attributes().forEach(builder::setAttribute);
        Span span = builder.startSpan();
        ids.started();
        work.failure().ifPresent(message -> span.setStatus(StatusCode.ERROR, message));
        Context own = parent.with(span);
        work.parts().forEach(part -> send(part, own));
        span.end(work.end());
    }

    /// Sends what is left, for some seconds at the most.
    @Override
    public void close() {
        provider.shutdown().join(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    }
}
