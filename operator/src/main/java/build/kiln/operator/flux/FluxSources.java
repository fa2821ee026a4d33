package build.kiln.operator.flux;

import build.kiln.crds.FluxSource;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The source objects of Flux, watched from the first build on that names one. A cluster without Flux is watched for
/// nothing.
public final class FluxSources implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FluxSources.class);
    private static final String GROUP = "source.toolkit.fluxcd.io";
    private static final String VERSION = "v1";

    /// So long it is believed that a kind is not there.
    private static final Duration ABSENT = Duration.ofSeconds(30);

    private final KubernetesClient client;
    private final Set<String> namespaces;
    private final Clock clock;
    private volatile Consumer<FluxObject> changed = object -> {};
    private final Map<Watched, SharedIndexInformer<GenericKubernetesResource>> watches = new HashMap<>();
    private final Map<Watched, Absence> absences = new HashMap<>();

    /// @param namespace empty: all
    private record Watched(FluxSource.Kind kind, String namespace) {}

    private record Absence(Sight.Missing why, Instant since) {}

    /// @param namespaces those that may be looked into; empty: all
    public FluxSources(KubernetesClient client, Set<String> namespaces, Clock clock) {
        this.client = client;
        this.namespaces = Set.copyOf(namespaces);
        this.clock = clock;
    }

    /// @param listener is told of each object that has something new for a build, from any thread
    public void tell(Consumer<FluxObject> listener) {
        changed = listener;
    }

    /// What the object has, as the watch last heard. The first question after a kind begins its watch.
    ///
    /// @throws KubernetesClientException if the API server could not answer; to be tried again
    public Sight look(FluxObject object) {
        Watched watched = new Watched(object.kind(), namespaces.isEmpty() ? "" : object.namespace());
        SharedIndexInformer<GenericKubernetesResource> watch;
        synchronized (this) {
            Absence absence = absences.get(watched);
            if (absence != null && clock.instant().isBefore(absence.since().plus(ABSENT))) {
                return absence.why();
            }
            absences.remove(watched);
            try {
                watch = watch(watched);
            } catch (KubernetesClientException e) {
                Sight.Missing why = missing(object, e);
                absences.put(watched, new Absence(why, clock.instant()));
                return why;
            }
        }
        GenericKubernetesResource found =
                watch.getIndexer().getByKey(Cache.namespaceKeyFunc(object.namespace(), object.name()));
        return found == null
                ? new Sight.Missing(
                        "There is no %s in namespace %s (spec.source.flux). Create it, or correct its kind and name; the build starts by itself when it is there."
                                .formatted(object, object.namespace()))
                : Sight.of(object, json(found));
    }

    private SharedIndexInformer<GenericKubernetesResource> watch(Watched watched) {
        SharedIndexInformer<GenericKubernetesResource> known = watches.get(watched);
        if (known != null && known.isRunning()) {
            return known;
        }
        // An informer hides why it cannot list; a question does not.
        var objects = objects(watched.kind());
        var some = watched.namespace().isEmpty() ? objects.inAnyNamespace() : objects.inNamespace(watched.namespace());
        some.list(new ListOptionsBuilder().withLimit(1L).build());
        SharedIndexInformer<GenericKubernetesResource> watch = some.runnableInformer(0)
                .addEventHandler(new Listener(watched.kind()))
                .exceptionHandler((hasStarted, failure) -> hasStarted);
        watch.run();
        watches.put(watched, watch);
        LOG.atInfo().addKeyValue("kind", watched.kind()).log("Flux's objects are watched");
        return watch;
    }

    private MixedOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            objects(FluxSource.Kind kind) {
        return client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                .withGroup(GROUP)
                .withVersion(VERSION)
                .withKind(kind.name())
                .withPlural(
                        switch (kind) {
                            case GitRepository -> "gitrepositories";
                            case OCIRepository -> "ocirepositories";
                            case Bucket -> "buckets";
                        })
                .withNamespaced(true)
                .build());
    }

    private static Sight.Missing missing(FluxObject object, KubernetesClientException e) {
        return switch (e.getCode()) {
            case 404 ->
                new Sight.Missing(
                        "This cluster has no kind %s of %s/%s (spec.source.flux). Install Flux 2.6 or later; it is looked for again every minute."
                                .formatted(object.kind(), GROUP, VERSION));
            case 403 ->
                new Sight.Missing(
                        "The operator may not read the kind %s of %s (spec.source.flux): the chart's value flux.enabled gives it the right."
                                .formatted(object.kind(), GROUP));
            default -> throw e;
        };
    }

    private static JsonNode json(GenericKubernetesResource resource) {
        return Serialization.jsonMapper().valueToTree(resource);
    }

    @Override
    public synchronized void close() {
        watches.values().forEach(SharedIndexInformer::close);
        watches.clear();
    }

    /// Flux writes its objects often; what counts is what a build would get.
    private final class Listener implements ResourceEventHandler<GenericKubernetesResource> {

        private final FluxSource.Kind kind;

        Listener(FluxSource.Kind kind) {
            this.kind = kind;
        }

        private FluxObject object(GenericKubernetesResource resource) {
            return new FluxObject(
                    resource.getMetadata().getNamespace(),
                    kind,
                    resource.getMetadata().getName());
        }

        @Override
        public void onAdd(GenericKubernetesResource resource) {
            changed.accept(object(resource));
        }

        @Override
        public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
            FluxObject object = object(now);
            if (!Sight.of(object, json(before)).equals(Sight.of(object, json(now)))) {
                changed.accept(object);
            }
        }

        @Override
        public void onDelete(GenericKubernetesResource resource, boolean isLastStateUnknown) {
            changed.accept(object(resource));
        }
    }
}
