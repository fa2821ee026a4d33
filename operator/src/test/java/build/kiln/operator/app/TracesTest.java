package build.kiln.operator.app;

import static build.kiln.operator.app.TestCluster.DIGEST;
import static build.kiln.operator.app.TestCluster.failed;
import static org.assertj.core.api.Assertions.assertThat;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.Phase;
import build.kiln.protocol.BuildReport;
import build.kiln.protocol.Fault;
import build.kiln.protocol.StepOutcome;
import build.kiln.protocol.StepReport;
import build.kiln.protocol.Timeline;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What a collector gets of builds.
class TracesTest {

    /// The last of its spans are sent when the operator is stopped.
    @Test
    void aBuildIsOneTraceWithAllItsAttemptsAndSteps() throws IOException {
        try (OtlpReceiver collector = new OtlpReceiver()) {
            TestCluster cluster = new TestCluster(Map.of(
                    "OTEL_EXPORTER_OTLP_ENDPOINT",
                    collector.endpoint(),
                    "OTEL_EXPORTER_OTLP_HEADERS",
                    "authorization=Bearer%20abc"));
            String namespace = cluster.newNamespace();
            ImageBuild web = cluster.apply(namespace, "web", "");
            cluster.end(namespace, "web-1-0", failed("RegistryUnavailable", Fault.REMOTE));
            cluster.awaitPhase(web, Phase.Queued);
            cluster.hurry(web);
            cluster.end(namespace, "web-1-1", report(Instant.now().toEpochMilli()));
            cluster.awaitPhase(web, Phase.Succeeded);
            cluster.close();

            Map<String, Span> byName = collector.spans().stream()
                    .collect(Collectors.toMap(s -> s.getName() + label(s, "kiln.attempt"), s -> s));
            assertThat(byName)
                    .containsOnlyKeys(
                            "build",
                            "wait for a turn",
                            "attempt0",
                            "attempt1",
                            "source",
                            "plan",
                            "RUN make",
                            "COPY . .",
                            "push");
            assertThat(collector.spans())
                    .extracting(Span::getTraceId)
                    .containsOnly(of(byName, "build").getTraceId());
            assertThat(collector.authorizations()).containsOnly("Bearer abc");
            Span build = of(byName, "build");
            assertThat(build.getParentSpanId().isEmpty()).isTrue();
            assertThat(label(build, "k8s.namespace.name")).isEqualTo(namespace);
            assertThat(label(build, "kiln.imagebuild.name")).isEqualTo("web");
            assertThat(label(build, "kiln.image")).isEqualTo("registry.example.com/web@" + DIGEST);
            assertThat(List.of(of(byName, "attempt0"), of(byName, "attempt1"), of(byName, "wait for a turn")))
                    .allSatisfy(s -> assertThat(s.getParentSpanId()).isEqualTo(build.getSpanId()));
            Span first = of(byName, "attempt0");
            assertThat(first.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
            assertThat(first.getStatus().getMessage()).isEqualTo("It broke.");
            assertThat(label(first, "error.type")).isEqualTo("RegistryUnavailable");
            Span make = of(byName, "RUN make");
            assertThat(make.getParentSpanId()).isEqualTo(of(byName, "attempt1").getSpanId());
            assertThat(make.getEndTimeUnixNano() - make.getStartTimeUnixNano()).isEqualTo(1_500_000_000L);
            assertThat(make.getStartTimeUnixNano() - of(byName, "source").getStartTimeUnixNano())
                    .isEqualTo(400_000_000L);
            assertThat(label(make, "kiln.step.outcome")).isEqualTo("ran");
        }
    }

    private static Span of(Map<String, Span> spans, String name) {
        return Objects.requireNonNull(spans.get(name), name);
    }

    private static BuildReport report(long startedAt) {
        return BuildReport.of(
                        new BuildReport.Result.Succeeded(
                                "registry.example.com/web@" + DIGEST, DIGEST, 4711, List.of("1")),
                        "userns",
                        null,
                        List.of(),
                        List.of(
                                new StepReport("COPY . .", StepOutcome.CACHED, 3, 10, null, null).startedAfter(350),
                                new StepReport("RUN make", StepOutcome.RAN, 1500, 10, null, null).startedAfter(400)),
                        List.of())
                .withTimeline(new Timeline(startedAt, 200L, 300L, 1900L, 2500));
    }

    private static String label(Span span, String key) {
        return span.getAttributesList().stream()
                .filter(a -> a.getKey().equals(key))
                .map(KeyValue::getValue)
                .map(AnyValue::getStringValue)
                .findFirst()
                .orElse("");
    }
}
