package build.kiln.operator.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;

/// The operator's own metrics. Labels are from closed sets: no name of an object is ever one.
public final class BuildMetrics {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /// @param runningBuilds how many builder pods are at work; asked at each scrape
    public void watchRunning(Supplier<Number> runningBuilds) {
        Gauge.builder("kiln_builds_running", runningBuilds)
                .description("Builder pods that are at work.")
                .register(registry);
    }

    /// A build has ended for good.
    ///
    /// @param reason `Succeeded`, or the reason of the failure
    public void ended(String result, String reason, Duration duration) {
        Counter.builder("kiln_builds")
                .description("Builds that have ended, by result and reason.")
                .tag("result", result)
                .tag("reason", reason)
                .register(registry)
                .increment();
        Timer.builder("kiln_build_duration")
                .description("From the creation of the first pod to the end of the last.")
                .tag("result", result)
                .serviceLevelObjectives(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(15),
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(15),
                        Duration.ofHours(1))
                .register(registry)
                .record(duration);
    }

    /// An attempt has failed, and another one comes.
    public void retried(String reason) {
        Counter.builder("kiln_build_retries")
                .description("Attempts that failed and are tried again, by reason.")
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    /// Steps of a build that has ended.
    ///
    /// @param outcome `ran`, `cached`, `shared` or `resumed`
    public void steps(String outcome, int count) {
        Counter.builder("kiln_build_steps")
                .description("Steps of builds that have ended, by how they came to their result.")
                .tag("outcome", outcome)
                .register(registry)
                .increment(count);
    }

    /// A request to the API server is sent.
    ///
    /// @param verb as the API server's own metrics have it: `get`, `list`, `watch`, `create`, …
    /// @param resource such as `pods` or `pods/log`
    public void asked(String verb, String resource) {
        Counter.builder("kiln_api_requests")
                .description("Requests to the API server, by verb and resource.")
                .tag("verb", verb)
                .tag("resource", resource)
                .register(registry)
                .increment();
    }

    /// All metrics in Prometheus' text format.
    public String scrape() {
        return registry.scrape();
    }
}
