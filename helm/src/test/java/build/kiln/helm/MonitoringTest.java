package build.kiln.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The dashboard, the alerts and the monitor ask for what the operator serves.
class MonitoringTest {

    private static final Pattern METRIC = Pattern.compile("\\bkiln_[a-z_]+");
    /// A condition of a query, and what it asks for.
    private static final Pattern CONDITION = Pattern.compile("[{,]\\s*([a-z]+)\\s*(?:=~|!=|=)\\s*\"([^\"]*)\"");

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(kiln_[a-z_]+)` \\| ([a-z]+) \\|");

    private static final Pattern GROUPING = Pattern.compile("\\bby \\(([a-z]+)\\)");

    @Test
    void everyMetricOfTheDashboardAndTheAlertsIsServed() throws IOException {
        Set<String> served = served();
        List<String> queries = queries();
        assertThat(queries).hasSizeGreaterThan(10);
        assertThat(queries.stream()
                        .flatMap(q -> METRIC.matcher(q).results())
                        .map(m -> m.group())
                        .collect(Collectors.toSet()))
                .isNotEmpty()
                .isSubsetOf(served);
    }

    @Test
    void everyLabelIsOneOfTheOperatorsOrOfPrometheus() throws IOException {
        assertThat(queries().stream()
                        .flatMap(q -> Stream.concat(
                                CONDITION.matcher(q).results(),
                                GROUPING.matcher(q).results()))
                        .map(m -> m.group(1)))
                .isNotEmpty()
                .isSubsetOf("result", "reason", "outcome", "verb", "area", "le", "namespace", "job");
    }

    @Test
    void everyReasonOfAnAlertIsInTheManual() throws IOException {
        String manual = Files.readString(Path.of("..", "docs", "errors.md"));
        List<String> reasons = queries().stream()
                .flatMap(q -> CONDITION.matcher(q).results())
                .filter(m -> m.group(1).equals("reason"))
                .flatMap(m -> Stream.of(m.group(2).split("\\|", -1)))
                .toList();
        assertThat(reasons)
                .hasSizeGreaterThan(5)
                .allSatisfy(reason -> assertThat(manual).contains("| `" + reason + "` |"));
    }

    @Test
    void theMonitorFindsThePortOfTheService() {
        JsonNode service = Chart.objectsOf("everything-on", "Service").stream()
                .filter(s -> s.at("/metadata/name").asText().equals("kiln-operator-metrics"))
                .findFirst()
                .orElseThrow();
        JsonNode monitor = Chart.object("everything-on", "ServiceMonitor").path("spec");
        assertThat(monitor.at("/endpoints/0/port")).isEqualTo(service.at("/spec/ports/0/name"));
        monitor.at("/selector/matchLabels")
                .properties()
                .forEach(label -> assertThat(service.at("/metadata/labels").get(label.getKey()))
                        .isEqualTo(label.getValue()));
        assertThat(service.at("/spec/ports/0/targetPort"))
                .isEqualTo(Chart.object("everything-on", "Deployment")
                        .at("/spec/template/spec/containers/0/ports/0/name"));
    }

    private static List<String> queries() throws IOException {
        JsonNode dashboard = new ObjectMapper()
                .readTree(Chart.objectsOf("everything-on", "ConfigMap").stream()
                        .map(map -> map.at("/data/kiln.json"))
                        .filter(JsonNode::isTextual)
                        .findFirst()
                        .orElseThrow()
                        .asText());
        Stream<JsonNode> panels = dashboard.path("panels").valueStream();
        Stream<JsonNode> rules = Chart.object("everything-on", "PrometheusRule")
                .path("spec")
                .path("groups")
                .valueStream()
                .flatMap(group -> group.path("rules").valueStream());
        return Stream.concat(
                        panels.flatMap(p -> p.path("targets").valueStream())
                                .map(t -> t.path("expr").asText()),
                        rules.map(r -> r.path("expr").asText()))
                .toList();
    }

    /// The series that there are, by the manual; a test of the operator holds that to a scrape.
    private static Set<String> served() throws IOException {
        Set<String> series = new TreeSet<>();
        ROW.matcher(Files.readString(Path.of("..", "docs", "metrics.md")))
                .results()
                .forEach(row -> {
                    series.add(row.group(1));
                    if (row.group(2).equals("histogram")) {
                        Stream.of("_bucket", "_sum", "_count", "_max").forEach(end -> series.add(row.group(1) + end));
                    }
                });
        return series;
    }
}
