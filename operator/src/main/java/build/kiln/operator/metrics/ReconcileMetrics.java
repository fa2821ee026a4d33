package build.kiln.operator.metrics;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// What is measured of the control loop: how soon it looks at what has happened, how long it takes, how often it fails.
public final class ReconcileMetrics implements Metrics {

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30)
    };

    private final Map<ResourceID, Long> waitingSince = new ConcurrentHashMap<>();
    private final Timer wait;
    private final Timer succeeded;
    private final Timer failed;

    public ReconcileMetrics(Meters meters) {
        wait = Timer.builder("kiln_reconcile_wait")
                .description("From an event about an ImageBuild to the look at it that follows.")
                .serviceLevelObjectives(BUCKETS)
                .register(meters.registry());
        succeeded = reconcile(meters, "succeeded");
        failed = reconcile(meters, "failed");
        Gauge.builder("kiln_reconcile_queue_length", waitingSince, Map::size)
                .description("ImageBuilds that something has happened to, and that have not been looked at since.")
                .register(meters.registry());
    }

    private static Timer reconcile(Meters meters, String result) {
        return Timer.builder("kiln_reconcile_duration")
                .description("How long one look at an ImageBuild took, with all that was done about it.")
                .tag("result", result)
                .serviceLevelObjectives(BUCKETS)
                .register(meters.registry());
    }

    @Override
    public void receivedEvent(Event event, Map<String, Object> metadata) {
        waitingSince.putIfAbsent(event.getRelatedCustomResourceID(), System.nanoTime());
    }

    @Override
    public void reconciliationExecutionStarted(HasMetadata resource, Map<String, Object> metadata) {
        Long since = waitingSince.remove(ResourceID.fromResource(resource));
        if (since != null) {
            wait.record(System.nanoTime() - since, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void cleanupDoneFor(ResourceID resource, Map<String, Object> metadata) {
        waitingSince.remove(resource);
    }

    @Override
    public <T> T timeControllerExecution(ControllerExecution<T> execution) throws Exception {
        long started = System.nanoTime();
        Timer timer = failed;
        try {
            T result = execution.execute();
            timer = succeeded;
            return result;
        } finally {
            timer.record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
        }
    }
}
