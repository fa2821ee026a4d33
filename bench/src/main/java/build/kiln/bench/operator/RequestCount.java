package build.kiln.bench.operator;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How many requests an operator has sent, by verb and resource, as its own metric has them.
record RequestCount(Map<String, Double> byVerbAndResource) {

    private static final Pattern LINE =
            Pattern.compile("kiln_api_requests_total\\{resource=\"([^\"]*)\",verb=\"([^\"]*)\"} ([0-9.Ee+]+)");

    /// @param metrics in Prometheus' text format
    static RequestCount of(String metrics) {
        Map<String, Double> counts = new TreeMap<>();
        LINE.matcher(metrics)
                .results()
                .forEach(m -> counts.put(m.group(2) + " " + m.group(1), Double.parseDouble(m.group(3))));
        return new RequestCount(counts);
    }

    double total() {
        return byVerbAndResource.values().stream().mapToDouble(d -> d).sum();
    }

    /// For people: what makes up the most.
    String perBuild(int builds) {
        return "requests per build: "
                + byVerbAndResource.entrySet().stream()
                        .filter(e -> e.getValue() / builds >= 0.01)
                        .map(e -> String.format(Locale.ROOT, "%s %.2f", e.getKey(), e.getValue() / builds))
                        .collect(Collectors.joining(", "));
    }
}
