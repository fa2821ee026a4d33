package build.kiln.operator.imagebuild;

import build.kiln.crds.BuildStatus;
import build.kiln.crds.ImageBuild;
import build.kiln.operator.policy.Backoff;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.queue.BuildKey;
import build.kiln.operator.queue.Limits;
import build.kiln.operator.queue.Queue;
import build.kiln.operator.queue.Ticket;
import build.kiln.operator.queue.Turn;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Who waits and who runs in the whole cluster, and the permission to start. It hears of each pod and each ImageBuild
/// that changes, and wakes the builds whose turn has come, and no others.
///
/// A permission counts as running until the pod is seen, so two that ask at once do not both get the last place.
final class Cluster {

    /// A permission that is not used falls back.
    private static final Duration UNTIL_POD_IS_SEEN = Duration.ofSeconds(30);

    /// What ended while no operator was there has waited for longest. Nobody waits longer for it.
    private static final Duration UNTIL_TAKEN_UP = Duration.ofSeconds(20);

    private static final Backoff REFUSED = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private final Queue queue;
    private final Clock clock;
    private final Known known;
    private final Consumer<BuildKey> wake;

    private boolean hasBegun;

    /// Builds whose pod had ended at the start, and whose status does not say so yet. Before them nobody starts.
    private final Set<BuildKey> toBeTakenUp = new HashSet<>();

    private Instant takenUpBy = Instant.MIN;
    private final Map<BuildKey, Set<String>> podsAtWork = new HashMap<>();

    /// The oldest first.
    private final SequencedMap<BuildKey, Permission> permitted = new LinkedHashMap<>();

    private final Set<BuildKey> asking = new HashSet<>();
    private final Map<BuildKey, Integer> refusals = new HashMap<>();

    /// @param isUsed a pod was made by it
    private record Permission(Instant at, boolean isUsed) {}

    /// What the caches have.
    ///
    /// @param ticket what an ImageBuild would ask for now; empty if it does not want to start
    record Known(
            Supplier<Stream<ImageBuild>> builds,
            Supplier<Stream<Pod>> pods,
            Function<ImageBuild, Optional<Ticket>> ticket) {}

    /// @param wake is called without a lock, from any thread
    Cluster(Limits limits, Clock clock, Known known, Consumer<BuildKey> wake) {
        this.queue = new Queue(limits);
        this.clock = clock;
        this.known = known;
        this.wake = wake;
    }

    /// Whether the build may start now; if so, its place is taken until its pod is seen.
    Turn askToStart(Ticket ticket) {
        BuildKey build = ticket.build();
        Turn turn;
        List<BuildKey> admitted;
        synchronized (this) {
            begin();
            asking.add(build);
            queue.enter(ticket);
            admitted = admit();
            turn = isTakingUp() && !queue.isRunning(build) ? new Turn.NotYet() : queue.turn(build);
        }
        admitted.stream().filter(other -> !other.equals(build)).forEach(wake);
        return turn;
    }

    /// By its permission, a pod of the build was made.
    synchronized void made(BuildKey build) {
        permitted.computeIfPresent(build, (b, permission) -> new Permission(permission.at(), true));
    }

    /// The build does not start after all. It does not wait for it either, until it asks again.
    void giveBack(BuildKey build) {
        change(() -> {
            if (!hasMadePod(build)) {
                withdraw(build);
            }
        });
    }

    /// The namespace's quota refused the build's pod.
    ///
    /// @return when to ask again, if no build of the namespace ends before
    Duration turnedAway(BuildKey build) {
        int[] before = {0};
        change(() -> {
            before[0] = refusals.merge(build, 1, Integer::sum) - 1;
            if (!hasMadePod(build)) {
                permitted.remove(build);
                queue.turnAway(build);
            }
        });
        return REFUSED.delay(before[0], build.namespace() + "/" + build.name());
    }

    /// A build that has been looked at, and did not ask to start, wants no turn.
    ///
    /// A pod on a node that does not answer holds no place, and nobody would tell of it.
    ///
    /// @param seen its pods
    void lookedAt(BuildKey build, List<BuilderPod> seen) {
        Instant now = clock.instant();
        change(() -> {
            toBeTakenUp.remove(build);
            seen.stream().filter(pod -> pod.isLost(now)).forEach(pod -> notAtWork(build, pod.name()));
            boolean isAtWork = seen.stream().anyMatch(pod -> pod.isAtWork(now));
            if (!asking.remove(build) && !isAtWork) {
                withdraw(build);
                refusals.remove(build);
            }
        });
    }

    /// An ImageBuild is gone.
    void gone(BuildKey build) {
        change(() -> {
            toBeTakenUp.remove(build);
            withdraw(build);
            asking.remove(build);
            refusals.remove(build);
        });
    }

    /// A pod is as it was seen.
    void seen(Pod pod) {
        change(() -> note(pod, BuilderPod.isAtWork(pod)));
    }

    /// A pod is no more.
    void gone(Pod pod) {
        change(() -> note(pod, false));
    }

    /// How many builds wait for their turn.
    synchronized long queued() {
        return queue.waiting();
    }

    /// How many builder pods are at work.
    synchronized long atWork() {
        return podsAtWork.values().stream().mapToLong(Set::size).sum();
    }

    private void note(Pod pod, boolean isAtWork) {
        Optional<BuildKey> owner = owner(pod);
        if (owner.isEmpty() || BaseImageChecks.isCheck(pod)) {
            return;
        }
        BuildKey build = owner.get();
        String name = pod.getMetadata().getName();
        if (isAtWork) {
            podsAtWork.computeIfAbsent(build, b -> new HashSet<>()).add(name);
            permitted.remove(build);
            refusals.remove(build);
            queue.started(build);
        } else {
            notAtWork(build, name);
        }
    }

    private void notAtWork(BuildKey build, String name) {
        Set<String> pods = podsAtWork.getOrDefault(build, Set.of());
        if (pods.contains(name)) {
            pods.remove(name);
            if (pods.isEmpty()) {
                podsAtWork.remove(build);
            }
            if (pods.isEmpty() && !permitted.containsKey(build)) {
                queue.end(build);
            }
        }
    }

    private boolean hasMadePod(BuildKey build) {
        return podsAtWork.containsKey(build)
                || permitted.containsKey(build) && permitted.get(build).isUsed();
    }

    private void withdraw(BuildKey build) {
        permitted.remove(build);
        if (!podsAtWork.containsKey(build)) {
            queue.end(build);
        }
    }

    private void change(Runnable change) {
        List<BuildKey> admitted;
        synchronized (this) {
            change.run();
            admitted = admit();
        }
        admitted.forEach(wake);
    }

    /// Takes in all that the caches know: after a start, those who came first are first.
    private void begin() {
        if (!hasBegun) {
            hasBegun = true;
            known.pods().get().forEach(pod -> note(pod, BuilderPod.isAtWork(pod)));
            known.builds().get().map(known.ticket()).flatMap(Optional::stream).forEach(queue::enter);
            takenUpBy = clock.instant().plus(UNTIL_TAKEN_UP);
            known.builds()
                    .get()
                    .filter(Cluster::isSaidToBeAtWork)
                    .map(Tickets::key)
                    .filter(build -> !podsAtWork.containsKey(build))
                    .forEach(toBeTakenUp::add);
        }
    }

    private static boolean isSaidToBeAtWork(ImageBuild build) {
        BuildStatus status =
                build.getStatus() == null ? null : build.getStatus().build();
        return status != null && status.pod() != null && status.finishedAt() == null;
    }

    private boolean isTakingUp() {
        return !toBeTakenUp.isEmpty() && clock.instant().isBefore(takenUpBy);
    }

    private List<BuildKey> admit() {
        Instant now = clock.instant();
        while (!permitted.isEmpty() && isOver(permitted.firstEntry().getValue(), now)) {
            withdraw(permitted.firstEntry().getKey());
        }
        List<BuildKey> admitted = isTakingUp() ? List.of() : queue.admit();
        admitted.forEach(build -> permitted.put(build, new Permission(now, false)));
        return admitted;
    }

    private static boolean isOver(Permission permission, Instant now) {
        return permission.at().plus(UNTIL_POD_IS_SEEN).isBefore(now);
    }

    /// The build that a pod has a place for; a look at base images takes none.
    private static Optional<BuildKey> owner(Pod pod) {
        if (BaseImageChecks.isCheck(pod)) {
            return Optional.empty();
        }
        List<OwnerReference> owners = pod.getMetadata().getOwnerReferences();
        return owners.stream()
                .filter(o -> "ImageBuild".equals(o.getKind()))
                .map(o -> new BuildKey(pod.getMetadata().getNamespace(), o.getName()))
                .findFirst();
    }
}
