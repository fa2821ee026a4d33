package build.kiln.operator.metrics;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Holds `docs/metrics.md` to what a scrape gives. With `-Dkiln.regenerate=true` it writes it instead.
class MetricsPageTest {

    private static final String COMMAND =
            "./mvnw -q -pl operator -am test -Dtest=MetricsPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dkiln.regenerate=true";
    private static final Path PAGE = Path.of("..", "docs", "metrics.md");
    private static final Pattern LABEL = Pattern.compile("[{,]([a-z_]+)=");

    /// @param labels without those that make up a histogram
    private record Metric(String name, String type, String help, TreeSet<String> labels) {}

    @Test
    void thePageIsWhatIsServed() throws Exception {
        String page = page();
        if (Boolean.getBoolean("kiln.regenerate")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/metrics.md is not what the operator serves. Run: %s", COMMAND)
                .isEqualTo(page);
    }

    @Test
    void everyMetricOfOursHasHelpAndAUnitThatPrometheusKnows() throws Exception {
        assertThat(metrics(Meters.Grouping.NONE).values())
                .filteredOn(m -> m.name().startsWith("kiln_"))
                .hasSizeGreaterThan(10)
                .allSatisfy(m -> {
                    assertThat(m.help()).endsWith(".");
                    assertThat(m.name())
                            .matches(
                                    switch (m.type()) {
                                        case "counter" -> ".*_total";
                                        case "histogram" -> ".*_seconds";
                                        default -> ".*";
                                    });
                });
    }

    @Test
    void theProcessIsMeasuredAsWell() throws Exception {
        assertThat(metrics(Meters.Grouping.NONE)).containsKeys("jvm_memory_used_bytes", "process_cpu_usage");
    }

    @Test
    void aWordThatIsOneTooManyIsOther() {
        try (Meters meters = new Meters(Meters.Grouping.NAMESPACE)) {
            BuildMetrics builds = new BuildMetrics(meters);
            for (int i = 0; i < 150; i++) {
                builds.retried("team-a", "Reason" + i);
            }
            builds.retried("team-a", "x".repeat(500));
            List<String> series = meters.scrape()
                    .lines()
                    .filter(l -> l.startsWith("kiln_build_retries_total{"))
                    .toList();
            assertThat(series).hasSize(101);
            assertThat(series).contains("kiln_build_retries_total{build_namespace=\"team-a\",reason=\"Other\"} 51.0");
        }
    }

    @Test
    void namespacesAreNoLabelUnlessSomebodyWantsThem() throws Exception {
        assertThat(metrics(Meters.Grouping.NONE).values())
                .allSatisfy(m -> assertThat(m.labels()).doesNotContain("build_namespace"));
        assertThat(requireNonNull(metrics(Meters.Grouping.NAMESPACE).get("kiln_builds_total"))
                        .labels())
                .containsExactly("build_namespace", "reason", "result");
    }

    @Test
    void theLoopIsMeasuredFromTheEventOn() throws Exception {
        try (Meters meters = new Meters(Meters.Grouping.NONE)) {
            ReconcileMetrics loop = new ReconcileMetrics(meters);
            ResourceID web = new ResourceID("web", "team-a");
            loop.receivedEvent(new Event(web), Map.of());
            loop.receivedEvent(new Event(web), Map.of());
            loop.receivedEvent(new Event(new ResourceID("gone", "team-a")), Map.of());
            assertThat(meters.scrape()).contains("kiln_reconcile_queue_length 2.0");
            loop.reconciliationExecutionStarted(resource(), Map.of());
            loop.cleanupDoneFor(new ResourceID("gone", "team-a"), Map.of());
            assertThat(meters.scrape())
                    .contains("kiln_reconcile_queue_length 0.0")
                    .contains("kiln_reconcile_wait_seconds_count 1");
        }
    }

    private static HasMetadata resource() {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .withName("web")
                .endMetadata()
                .build();
    }

    /// Everything that is measured has been so once.
    private static Map<String, Metric> metrics(Meters.Grouping grouping) throws Exception {
        try (Meters meters = new Meters(grouping)) {
            BuildMetrics builds = new BuildMetrics(meters);
            builds.watch(() -> 0, () -> 0);
            builds.started("team-a", Duration.ZERO);
            builds.podStarted("team-a", Duration.ofSeconds(2));
            builds.ended("team-a", "succeeded", "Succeeded", Duration.ofSeconds(1));
            builds.retried("team-a", "Disrupted");
            builds.steps("team-a", "ran", 1);
            builds.step("team-a", "ran", Duration.ofSeconds(1));
            builds.asked("create", "pods");
            builds.conflict();
            new ReconcileMetrics(meters).timeControllerExecution(new Execution());
            return read(meters.scrape());
        }
    }

    private static Map<String, Metric> read(String scrape) {
        Map<String, Metric> metrics = new TreeMap<>();
        String help = "";
        for (String line : scrape.split("\n", -1)) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                help = words[3];
            } else if (line.startsWith("# TYPE ")) {
                metrics.put(words[2], new Metric(words[2], words[3], help.strip(), new TreeSet<>()));
            } else if (!line.isEmpty()) {
                String name = line.split("[{ ]", 2)[0].replaceFirst("_(bucket|sum|count)$", "");
                Metric metric = requireNonNull(
                        metrics.containsKey(name) ? metrics.get(name) : metrics.get(line.split("[{ ]", 2)[0]));
                LABEL.matcher(line)
                        .results()
                        .map(m -> m.group(1))
                        .filter(l -> !l.equals("le"))
                        .forEach(metric.labels()::add);
            }
        }
        // What micrometer makes of each histogram besides is the longest of the last minutes.
        metrics.keySet().removeIf(name -> name.endsWith("_max") && metrics.containsKey(name.replaceFirst("_max$", "")));
        return metrics;
    }

    private static String page() throws Exception {
        List<String> lines = new ArrayList<>();
        lines.add("""
                # Metrics

                Generated from what the operator serves at `/metrics`; to make it again: `%s`.
                A histogram has series that end in `_bucket`, `_sum` and `_count`, and a gauge that ends in `_max`, the longest of the last
                minutes. Times are in seconds. No label is the name of an object, but with `KILN_METRICS_GROUPING=namespace` the metrics of
                builds have `build_namespace`, too. A `reason` is one of [errors.md](errors.md), or `Other`. Besides these there are the
                Java virtual machine's and the process's own, as micrometer names them: `jvm_memory_used_bytes`, `jvm_gc_pause_seconds`,
                `process_cpu_usage` and their kin. Alerts and a dashboard are in the chart (`monitoring`).

                | metric | type | labels | what it is |
                | --- | --- | --- | --- |""".formatted(COMMAND));
        for (Metric metric : metrics(Meters.Grouping.NONE).values()) {
            if (metric.name().startsWith("kiln_")) {
                String labels = String.join(
                        ", ", metric.labels().stream().map(l -> "`" + l + "`").toList());
                lines.add("| `%s` | %s | %s | %s |".formatted(metric.name(), metric.type(), labels, metric.help()));
            }
        }
        return String.join("\n", lines) + "\n";
    }

    /// A look at an ImageBuild that does nothing.
    private static final class Execution
            implements io.javaoperatorsdk.operator.api.monitoring.Metrics.ControllerExecution<String> {
        @Override
        public String name() {
            return "reconcile";
        }

        @Override
        public String controllerName() {
            return "imagebuild";
        }

        @Override
        public String successTypeName(String result) {
            return result;
        }

        @Override
        public ResourceID resourceID() {
            return new ResourceID("web", "team-a");
        }

        @Override
        public Map<String, Object> metadata() {
            return Map.of();
        }

        @Override
        public String execute() {
            return "";
        }
    }
}
