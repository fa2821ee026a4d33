package build.kiln.operator.policy;

import build.kiln.operator.policy.PodState.Hold;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads what holds a pod up that has not started: from its status, and where that does not say it, from the
/// Events of the pod and of its claims.
final class HoldReading {

    static final String IMAGE = "builder.image of the chart (KILN_BUILDER_IMAGE of the operator)";
    private static final String CACHE = "builder.cache of the chart (KILN_BUILDER_CACHE_… of the operator)";
    private static final String SOURCE = "spec.source.volume.claimName";

    private static final Set<String> NO_IMAGE = Set.of(
            "ErrImagePull",
            "ImagePullBackOff",
            "InvalidImageName",
            "ErrImageNeverPull",
            "ImageInspectError",
            "RegistryUnavailable",
            "SignatureValidationFailed");
    private static final Set<String> NO_START = Set.of(
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError",
            "CrashLoopBackOff",
            "PreCreateHookError",
            "PreStartHookError",
            "PostStartHookError");
    private static final Set<String> NO_VOLUME = Set.of(
            "FailedMount",
            "FailedAttachVolume",
            "FailedMapVolume",
            "ProvisioningFailed",
            "FailedBinding",
            "VolumeMismatch");
    private static final String NO_SANDBOX = "FailedCreatePodSandBox";

    private HoldReading() {}

    /// @param events of the pod and its claims, in any order; those that are no obstacle are passed over
    static Hold hold(Pod pod, List<Event> events) {
        Optional<Hold> queued = Kueue.hold(pod);
        if (queued.isPresent()) {
            return queued.get();
        }
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        for (PodCondition condition : PodReading.conditions(status)) {
            if ("PodScheduled".equals(condition.getType()) && "False".equals(condition.getStatus())) {
                if ("SchedulingGated".equals(condition.getReason())) {
                    return gated(pod);
                }
                return unscheduled(pod, PodReading.foreign(withoutPreemption(condition.getMessage())), events);
            }
        }
        ContainerStateWaiting waiting = PodReading.container(status)
                .map(c -> c.getState() == null ? null : c.getState().getWaiting())
                .orElse(null);
        if (waiting != null && waiting.getReason() != null) {
            String words = PodReading.foreign(
                    waiting.getReason() + ": " + (waiting.getMessage() == null ? "" : waiting.getMessage()));
            if (NO_IMAGE.contains(waiting.getReason())) {
                return new Hold(
                        Reasons.BuilderImageUnavailable.name(),
                        words,
                        "Look at " + IMAGE + ", and at spec.pod.imagePullSecrets.");
            }
            if (NO_START.contains(waiting.getReason())) {
                return notStarted(pod, waiting.getReason(), words);
            }
        }
        // A pod that has a node has its claims, whatever was said of them before.
        boolean hasNode = pod.getSpec().getNodeName() != null;
        return (hasNode ? last(events) : newest(ofClaims(events)))
                .map(e -> ofEvent(pod, e))
                .orElse(Hold.NOTHING);
    }

    private static Hold gated(Pod pod) {
        String gates = String.join(
                ", ", Kueue.gates(pod).stream().map(PodSchedulingGate::getName).toList());
        return new Hold(
                Reasons.Unschedulable.name(),
                "scheduling gates hold it back: " + gates,
                "Look at who sets them on pods of this namespace, and lifts them.");
    }

    private static Hold notStarted(Pod pod, String reason, String words) {
        Optional<String> refusal = UserNamespaces.refusal(pod, words);
        if (refusal.isPresent()) {
            return new Hold(Reasons.UserNamespaceRefused.name(), refusal.get(), "");
        }
        String fields = reason.equals("CreateContainerConfigError")
                ? "spec.pod.env"
                : "spec.pod.runtimeClassName, and at node " + pod.getSpec().getNodeName();
        return new Hold(Reasons.BuilderNotStarted.name(), words, "Look at " + fields + ".");
    }

    /// The scheduler's words end in what it thought of preemption, which helps nobody here.
    private static String withoutPreemption(@Nullable String message) {
        return message == null
                ? ""
                : message.replaceFirst(" (no new claims to deallocate, ?)?preemption: .*$", "")
                        .replaceFirst("(?<=[.] ?)not found[.]?$", "")
                        .strip();
    }

    private static Hold unscheduled(Pod pod, String words, List<Event> events) {
        boolean isVolume = words.toLowerCase(java.util.Locale.ROOT).contains("persistentvolumeclaim")
                || words.contains("volume node affinity")
                || words.contains("binding volumes")
                || words.contains("persistent volumes to bind");
        if (!isVolume) {
            return new Hold(Reasons.Unschedulable.name(), words, "Look at " + fieldsOfSchedulers(words) + ".");
        }
        // The scheduler says that a claim is not bound, and the claim's own Events say why.
        Optional<Event> cause = newest(ofClaims(events));
        String all = cause.map(e -> words + "; " + words(e)).orElse(words);
        return new Hold(Reasons.VolumeUnavailable.name(), all, "Look at " + fieldsOfVolumes(pod, all) + ".");
    }

    private static Hold ofEvent(Pod pod, Event event) {
        String words = words(event);
        Optional<String> refusal = UserNamespaces.refusal(pod, words);
        if (refusal.isPresent()) {
            return new Hold(Reasons.UserNamespaceRefused.name(), refusal.get(), "");
        }
        if (event.getReason().equals(NO_SANDBOX)) {
            return new Hold(
                    Reasons.BuilderNotStarted.name(),
                    words,
                    "Look at spec.pod.runtimeClassName, and at node "
                            + pod.getSpec().getNodeName() + ".");
        }
        return new Hold(Reasons.VolumeUnavailable.name(), words, "Look at " + fieldsOfVolumes(pod, words) + ".");
    }

    private static String words(Event event) {
        String of = isOfClaim(event) ? "claim " + event.getInvolvedObject().getName() + ": " : "";
        return PodReading.foreign(of + event.getReason() + ": " + event.getMessage());
    }

    private static boolean isOfClaim(Event event) {
        return event.getInvolvedObject() != null
                && "PersistentVolumeClaim".equals(event.getInvolvedObject().getKind());
    }

    private static List<Event> ofClaims(List<Event> events) {
        return events.stream().filter(HoldReading::isOfClaim).toList();
    }

    private static boolean isObstacle(Event event) {
        String reason = String.valueOf(event.getReason());
        return NO_VOLUME.contains(reason) || NO_SANDBOX.equals(reason);
    }

    /// The newest obstacle.
    private static Optional<Event> newest(List<Event> events) {
        return events.stream().filter(HoldReading::isObstacle).max(Comparator.comparing(HoldReading::time));
    }

    /// The pod's last Event, if it is an obstacle: after it, the pod went on.
    private static Optional<Event> last(List<Event> events) {
        return events.stream()
                .filter(e -> !isOfClaim(e))
                .max(Comparator.comparing(HoldReading::time).thenComparing(HoldReading::isObstacle))
                .filter(HoldReading::isObstacle);
    }

    private static String time(Event event) {
        return Stream.of(
                        Optional.ofNullable(event.getLastTimestamp()),
                        Optional.ofNullable(event.getEventTime()).map(t -> t.getTime()),
                        Optional.ofNullable(event.getFirstTimestamp()))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse("");
    }

    /// What the user can say that the scheduler's words are about.
    private static String fieldsOfSchedulers(String words) {
        List<String> fields = new ArrayList<>();
        if (words.contains("Insufficient")) {
            fields.add("spec.pod.resources");
        }
        if (words.contains("node affinity/selector")) {
            fields.add("spec.platforms");
            fields.add("spec.pod.nodeSelector");
            fields.add("spec.pod.affinity");
        }
        if (words.contains("taint")) {
            fields.add("spec.pod.tolerations");
        }
        if (words.contains("topology spread")) {
            fields.add("spec.pod.topologySpreadConstraints");
        }
        if (words.contains("pod affinity") || words.contains("pod anti-affinity")) {
            fields.add("spec.pod.affinity");
            fields.add(CACHE);
        }
        return fields.isEmpty() ? "spec.pod" : String.join(", ", new LinkedHashSet<>(fields));
    }

    /// The fields of the volumes that the words name; of all that are claims if they name none.
    private static String fieldsOfVolumes(Pod pod, String words) {
        List<String> named = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (Volume volume : pod.getSpec().getVolumes()) {
            if (volume.getPersistentVolumeClaim() == null) {
                continue;
            }
            String field = volume.getName().equals("source") ? SOURCE : CACHE;
            all.add(field);
            if (words.contains("\"" + volume.getPersistentVolumeClaim().getClaimName() + "\"")
                    || words.contains(
                            "claim " + volume.getPersistentVolumeClaim().getClaimName() + ":")
                    || words.contains("\"" + volume.getName() + "\"")) {
                named.add(field);
            }
        }
        List<String> fields = named.isEmpty() ? all : named;
        return fields.isEmpty() ? "node " + pod.getSpec().getNodeName() : String.join(", and at ", fields);
    }
}
