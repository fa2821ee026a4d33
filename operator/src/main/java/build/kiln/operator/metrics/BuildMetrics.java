package build.kiln.operator.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;

/// What is counted of builds. Labels are from closed sets: no name of an object is ever one, but the namespace's if
/// somebody wants it so.
public final class BuildMetrics {

    private static final Duration[] OF_BUILDS = {
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(15),
        Duration.ofHours(1)
    };

    private static final Duration[] OF_WAITS = {
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30)
    };

    private final Meters meters;

    public BuildMetrics(Meters meters) {
        this.meters = meters;
    }

    /// @param running how many builder pods are at work; asked at each scrape
    /// @param queued how many builds wait for their turn
    public void watch(Supplier<Number> running, Supplier<Number> queued) {
        Gauge.builder("kiln_builds_running", running)
                .description("Builder pods that are at work.")
                .register(meters.registry());
        Gauge.builder("kiln_builds_queued", queued)
                .description(
                        "Builds that wait: for their turn, because as many run as the limits allow, or for a quota.")
                .register(meters.registry());
    }

    /// The first pod of a build was made.
    ///
    /// @param waited since the build was wished for
    public void started(String namespace, Duration waited) {
        timer(
                "kiln_build_queue_wait",
                "From the wish for a build to the creation of its first pod.",
                meters.of(namespace),
                waited,
                OF_WAITS);
    }

    /// An attempt's builder has run.
    ///
    /// @param waited from the creation of its pod to its start
    public void podStarted(String namespace, Duration waited) {
        timer(
                "kiln_build_pod_start",
                "From the creation of a builder pod to the start of its builder: scheduling, volumes, the builder's image.",
                meters.of(namespace),
                waited,
                OF_WAITS);
    }

    /// A build has ended for good.
    ///
    /// @param reason `Succeeded`, or the reason of the failure
    public void ended(String namespace, String result, String reason, Duration duration) {
        Tags labels = meters.of(namespace).and("result", result);
        counter("kiln_builds", "Builds that have ended, by result and reason.", labels.and(meters.reason(reason)), 1);
        timer(
                "kiln_build_duration",
                "From the creation of the first pod to the end of the last.",
                labels,
                duration,
                OF_BUILDS);
    }

    /// An attempt has failed, and another one comes.
    public void retried(String namespace, String reason) {
        counter(
                "kiln_build_retries",
                "Attempts that failed and are tried again, by reason.",
                meters.of(namespace).and(meters.reason(reason)),
                1);
    }

    /// Steps of a build that has ended.
    ///
    /// @param outcome `ran`, `cached`, `shared` or `resumed`
    public void steps(String namespace, String outcome, int count) {
        counter(
                "kiln_build_steps",
                "Steps of builds that have ended, by how they came to their result.",
                meters.of(namespace).and("outcome", outcome),
                count);
    }

    /// A step of a build that has ended.
    public void step(String namespace, String outcome, Duration duration) {
        timer(
                "kiln_build_step_duration",
                "How long steps took, by how they came to their result.",
                meters.of(namespace).and("outcome", outcome),
                duration,
                OF_BUILDS);
    }

    /// A request to the API server is sent.
    ///
    /// @param verb as the API server's own metrics have it: `get`, `list`, `watch`, `create`, …
    /// @param resource such as `pods` or `pods/log`
    public void asked(String verb, String resource) {
        counter(
                "kiln_api_requests",
                "Requests to the API server, by verb and resource.",
                Tags.of("verb", verb, "resource", resource),
                1);
    }

    /// A status could not be written, because the ImageBuild had changed meanwhile.
    public void conflict() {
        counter(
                "kiln_status_conflicts",
                "Statuses that could not be written because the ImageBuild had changed meanwhile.",
                Tags.empty(),
                1);
    }

    private void counter(String name, String description, Tags labels, int count) {
        Counter.builder(name)
                .description(description)
                .tags(labels)
                .register(meters.registry())
                .increment(count);
    }

    private void timer(String name, String description, Tags labels, Duration duration, Duration[] buckets) {
        Timer.builder(name)
                .description(description)
                .tags(labels)
                .serviceLevelObjectives(buckets)
                .register(meters.registry())
                .record(duration.isNegative() ? Duration.ZERO : duration);
    }
}
