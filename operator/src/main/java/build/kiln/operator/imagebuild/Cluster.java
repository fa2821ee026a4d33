package build.kiln.operator.imagebuild;

import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.Reasons;
import build.kiln.operator.queue.Limits;
import build.kiln.operator.queue.Queue;
import build.kiln.operator.queue.Ticket;
import build.kiln.operator.queue.Turn;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Who waits and who runs in the whole cluster, as the caches have it, and the permission to start.
///
/// A permission counts as running until the cache shows the pod, so two that ask at once do not both get the last
/// place.
final class Cluster {

    private static final Duration UNTIL_CACHES_KNOW = Duration.ofSeconds(30);

    private final Limits limits;
    private final Clock clock;
    private final Supplier<Stream<ImageBuild>> builds;
    private final Supplier<Stream<Pod>> pods;
    private final Map<ResourceID, Instant> permitted = new HashMap<>();

    Cluster(Limits limits, Clock clock, Supplier<Stream<ImageBuild>> builds, Supplier<Stream<Pod>> pods) {
        this.limits = limits;
        this.clock = clock;
        this.builds = builds;
        this.pods = pods;
    }

    /// Whether the build may start now; if so, its place is taken.
    synchronized Turn askToStart(ImageBuild build) {
        if (limits.equals(Limits.NONE)) {
            return new Turn.Now();
        }
        ResourceID id = ResourceID.fromResource(build);
        if (running(new ResourceID("", "")).containsKey(id)) {
            // Another platform of the same build: it has its place already.
            return new Turn.Now();
        }
        Map<ResourceID, Ticket> running = running(id);
        Turn turn = Queue.turn(ticket(build), waiting(running), running.values(), limits);
        if (turn instanceof Turn.Now) {
            permitted.put(id, clock.instant());
        }
        return turn;
    }

    /// The place of a build that did not start after all, or has ended before the cache knew of its pod.
    synchronized void giveBack(ImageBuild build) {
        permitted.remove(ResourceID.fromResource(build));
    }

    /// Who waits and could start now that a place may be free.
    synchronized Optional<ResourceID> next() {
        if (limits.equals(Limits.NONE)) {
            return Optional.empty();
        }
        Map<ResourceID, Ticket> running = running(new ResourceID("", ""));
        return Queue.next(waiting(running), running.values(), limits).map(t -> new ResourceID(t.name(), t.namespace()));
    }

    /// How many builder pods are at work.
    long atWork() {
        return pods.get().filter(Cluster::isActive).count();
    }

    /// Who has a place does not wait, even if its status does not say so yet.
    private Collection<Ticket> waiting(Map<ResourceID, Ticket> running) {
        return builds.get()
                .filter(Cluster::isWaiting)
                .filter(b -> !running.containsKey(ResourceID.fromResource(b)))
                .map(Cluster::ticket)
                .toList();
    }

    private Map<ResourceID, Ticket> running(ResourceID except) {
        Map<ResourceID, Ticket> running = new HashMap<>();
        permitted.values().removeIf(at -> at.plus(UNTIL_CACHES_KNOW).isBefore(clock.instant()));
        permitted.forEach((id, at) -> running.put(id, ticket(id, at)));
        pods.get()
                .filter(Cluster::isActive)
                .forEach(pod -> owner(pod).ifPresent(id -> {
                    permitted.remove(id);
                    running.put(id, ticket(id, Instant.EPOCH));
                }));
        running.remove(except);
        return running;
    }

    private static boolean isActive(Pod pod) {
        return BuilderPod.of(pod, Optional.empty(), List.of()).isActive();
    }

    private static Optional<ResourceID> owner(Pod pod) {
        List<OwnerReference> owners = pod.getMetadata().getOwnerReferences();
        return owners.stream()
                .filter(o -> "ImageBuild".equals(o.getKind()))
                .map(o -> new ResourceID(o.getName(), pod.getMetadata().getNamespace()))
                .findFirst();
    }

    /// Those that a limit holds up, and those that nobody has looked at yet. One that waits for something else, be it
    /// its
    /// next attempt or a quota, does not stand in anybody's way.
    private static boolean isWaiting(ImageBuild build) {
        if (build.getSpec().suspend() || build.isMarkedForDeletion()) {
            return false;
        }
        ImageBuildStatus status = build.getStatus();
        return status == null
                || status.phase() == null
                || status.conditions().stream().anyMatch(c -> c.reason().equals(Reasons.Queued.name()));
    }

    private static Ticket ticket(ImageBuild build) {
        return new Ticket(
                build.getMetadata().getNamespace(), build.getMetadata().getName(), since(build));
    }

    private static Ticket ticket(ResourceID id, Instant since) {
        return new Ticket(id.getNamespace().orElse(""), id.getName(), since);
    }

    /// The moment at which `Succeeded` became unknown is the one at which the build was wished for.
    private static Instant since(ImageBuild build) {
        return Stream.ofNullable(build.getStatus())
                .flatMap(s -> s.conditions().stream())
                .filter(c -> c.type().equals("Succeeded"))
                .map(c -> Instant.parse(c.lastTransitionTime()))
                .findFirst()
                .orElseGet(() -> Instant.parse(build.getMetadata().getCreationTimestamp()));
    }
}
