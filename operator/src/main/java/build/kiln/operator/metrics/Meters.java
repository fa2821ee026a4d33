package build.kiln.operator.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// All that is measured, and the one text that Prometheus reads of it. The JVM's own figures are among it from the
/// start.
public final class Meters implements AutoCloseable {

    /// What takes the place of a word that would be one too many.
    private static final String OTHER = "Other";

    private static final int MOST_REASONS = 100;
    private static final int MOST_NAMESPACES = 1000;

    /// What a series is told apart by, beyond its own labels.
    public enum Grouping {
        NONE,
        /// By the namespace of the ImageBuild, for as many series more as there are namespaces.
        NAMESPACE
    }

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final Grouping grouping;
    private final Set<String> reasons = ConcurrentHashMap.newKeySet();
    private final Set<String> namespaces = ConcurrentHashMap.newKeySet();

    public Meters(Grouping grouping) {
        this.grouping = grouping;
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        gc.bindTo(registry);
    }

    MeterRegistry registry() {
        return registry;
    }

    /// A label of a reason. A builder of another release, or one that somebody has tampered with, may report any word:
    /// there are never more series than for [#MOST_REASONS].
    Tag reason(String word) {
        return Tag.of("reason", bounded(reasons, MOST_REASONS, word));
    }

    /// The labels of a build's namespace; none if series are not told apart by it.
    Tags of(String namespace) {
        return switch (grouping) {
            case NONE -> Tags.empty();
            case NAMESPACE -> Tags.of("build_namespace", bounded(namespaces, MOST_NAMESPACES, namespace));
        };
    }

    private static String bounded(Set<String> known, int most, String word) {
        if (known.contains(word)) {
            return word;
        }
        synchronized (known) {
            return known.size() < most && word.length() <= 100 && known.add(word) ? word : OTHER;
        }
    }

    /// All of it in Prometheus' text format.
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }
}
