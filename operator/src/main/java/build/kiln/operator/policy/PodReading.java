package build.kiln.operator.policy;

import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;
import build.kiln.protocol.Fault;
import build.kiln.protocol.ProtocolMismatch;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads a pod's status: what its builder is doing, and if it ended, why.
final class PodReading {

    private static final int MAX_FOREIGN_TEXT = 1000;

    /// Not the only container, where something in the cluster adds its own to every pod.
    private static final String BUILDER = "builder";

    /// What a condition's reason can be. A status with another would be refused, over and over.
    private static final Pattern REASON = Pattern.compile("[A-Za-z][A-Za-z0-9]{0,99}");

    private PodReading() {}

    static PodState state(Pod pod, Optional<String> current, List<Event> events) {
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        String phase = status.getPhase() == null ? "Pending" : status.getPhase();
        Optional<ContainerStateTerminated> end = terminated(pod);
        return switch (phase) {
            case "Succeeded", "Failed" -> ended(pod, status, end, current);
            // The kubelet says "Running" until it has noticed; the container's own state is earlier.
            // "Unknown" says the control plane of a node that it does not hear of; the builder may well run.
            case "Running", "Unknown" -> end.isPresent() ? ended(pod, status, end, current) : new PodState.Running();
            default -> new PodState.Waiting(HoldReading.hold(pod, events));
        };
    }

    /// Whether no node has started it, as far as its status tells.
    static boolean isPending(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return switch (phase == null ? "Pending" : phase) {
            case "Succeeded", "Failed", "Running", "Unknown" -> false;
            default -> true;
        };
    }

    /// Whether it has not ended, without a look at how.
    static boolean isActive(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return switch (phase == null ? "Pending" : phase) {
            case "Succeeded", "Failed" -> false;
            case "Running", "Unknown" -> terminated(pod).isEmpty();
            default -> true;
        };
    }

    static Optional<Instant> startedAt(Pod pod) {
        Optional<String> running = container(pod.getStatus())
                .map(c -> c.getState() == null ? null : c.getState().getRunning())
                .map(ContainerStateRunning::getStartedAt);
        return terminated(pod)
                .map(ContainerStateTerminated::getStartedAt)
                .or(() -> running)
                .map(Instant::parse);
    }

    static Optional<Instant> endedAt(Pod pod) {
        return terminated(pod).map(ContainerStateTerminated::getFinishedAt).map(Instant::parse);
    }

    static Optional<ContainerStatus> container(@Nullable PodStatus status) {
        return status == null || status.getContainerStatuses() == null
                ? Optional.empty()
                : status.getContainerStatuses().stream()
                        .filter(c -> BUILDER.equals(c.getName()))
                        .findFirst();
    }

    private static Optional<ContainerStateTerminated> terminated(Pod pod) {
        return container(pod.getStatus())
                .map(c -> c.getState() == null ? null : c.getState().getTerminated());
    }

    private static PodState ended(
            Pod pod, PodStatus status, Optional<ContainerStateTerminated> end, Optional<String> current) {
        String message = end.map(ContainerStateTerminated::getMessage).orElse("");
        boolean looksLikeReport = message.stripLeading().startsWith("{");
        Optional<Result.Failed> disruption = Kueue.eviction(pod, status).or(() -> disruption(pod, status));
        if (looksLikeReport) {
            try {
                BuildReport report = BuildReport.parse(message);
                if (report.result() instanceof Result.Failed failed
                        && !REASON.matcher(failed.reason()).matches()) {
                    return died(
                            Reasons.ReportUnreadable,
                            "The build report of pod %s has a reason that is no word: %s. Use a builder image of the operator's own release (KILN_BUILDER_IMAGE)."
                                    .formatted(name(pod), foreign(failed.reason())));
                }
                // A builder that the cluster told to stop only knows that somebody did.
                return disruption.isPresent() && isInterruption(report)
                        ? new PodState.Died(disruption.get())
                        : new PodState.Reported(report);
            } catch (ProtocolMismatch e) {
                return died(Reasons.ReportUnreadable, String.valueOf(e.getMessage()));
            }
        }
        return disruption
                .<PodState>map(PodState.Died::new)
                .or(() -> end.map(e -> diedWithoutReport(pod, status, e, message, current)))
                .orElseGet(() -> neverRan(pod, status, current));
    }

    private static PodState neverRan(Pod pod, PodStatus status, Optional<String> current) {
        return isOfDeadline(status)
                ? timedOut(pod, current)
                : died(
                        Reasons.Disrupted,
                        "Pod %s ended without having run%s. The build is tried again."
                                .formatted(name(pod), why(status.getReason(), status.getMessage())));
    }

    private static boolean isOfDeadline(PodStatus status) {
        return "DeadlineExceeded".equals(status.getReason());
    }

    private static PodState timedOut(Pod pod, Optional<String> current) {
        return died(
                Reasons.TimedOut,
                "Pod %s was ended%s because it outlived its deadline. Raise spec.timeout, or make the build shorter."
                        .formatted(name(pod), during(current)));
    }

    private static String during(Optional<String> current) {
        return current.map(c -> " while it worked on \"" + c + "\"").orElse("");
    }

    private static boolean isInterruption(BuildReport report) {
        return report.result() instanceof Result.Failed failed
                && failed.reason().equals("Interrupted");
    }

    private static Optional<Result.Failed> disruption(Pod pod, PodStatus status) {
        for (PodCondition condition : conditions(status)) {
            if ("DisruptionTarget".equals(condition.getType()) && "True".equals(condition.getStatus())) {
                return Optional.of(failed(
                        Reasons.Disrupted,
                        "The cluster took pod %s away%s. The build goes on from its last finished step."
                                .formatted(name(pod), why(condition.getReason(), condition.getMessage()))));
            }
        }
        String reason = status.getReason();
        if (reason == null || isOfDeadline(status)) {
            return Optional.empty();
        }
        return Optional.of(failed(
                Reasons.Disrupted,
                "The cluster took pod %s away%s. The build goes on from its last finished step."
                        .formatted(name(pod), why(reason, status.getMessage()))));
    }

    private static PodState diedWithoutReport(
            Pod pod, PodStatus status, ContainerStateTerminated end, String message, Optional<String> current) {
        String during = during(current);
        if (isOfDeadline(status)) {
            return timedOut(pod, current);
        }
        if ("OOMKilled".equals(end.getReason())) {
            return new PodState.Died(new Result.Failed(
                    Reasons.OutOfMemory.name(),
                    memoryLimit(pod).isPresent() ? Fault.USER : Fault.PLATFORM,
                    outOfMemory(pod, during),
                    current.orElse(null),
                    end.getExitCode(),
                    List.of()));
        }
        if (Set.of("StartError", "ContainerCannotRun", "ContainerStatusUnknown")
                .contains(String.valueOf(end.getReason()))) {
            Optional<String> refusal = UserNamespaces.refusal(pod, foreign(end.getMessage()));
            if (refusal.isPresent()) {
                return died(Reasons.UserNamespaceRefused, refusal.get());
            }
            return died(
                    Reasons.BuilderNotStarted,
                    "Node %s did not start the builder of pod %s%s."
                            .formatted(pod.getSpec().getNodeName(), name(pod), why(end.getReason(), end.getMessage())));
        }
        int exitCode = end.getExitCode() == null ? -1 : end.getExitCode();
        String last = message.isBlank() ? "" : " Its last words: " + foreign(message);
        return new PodState.Died(new Result.Failed(
                Reasons.BuilderDied.name(),
                Reasons.BuilderDied.fault(),
                "The builder in pod %s ended with exit status %d%s%s and left no report.%s"
                        .formatted(name(pod), exitCode, signal(exitCode), during, last),
                current.orElse(null),
                exitCode,
                List.of()));
    }

    private static String signal(int exitCode) {
        return exitCode > 128 && exitCode < 160 ? " (signal " + (exitCode - 128) + ")" : "";
    }

    private static String outOfMemory(Pod pod, String during) {
        return memoryLimit(pod)
                .map(limit ->
                        "Pod %s was killed%s because it had used up its memory: its limit is %s. Raise spec.pod.resources.limits.memory, or let Kiln raise it (spec.retryWithMemory)."
                                .formatted(name(pod), during, limit))
                .orElseGet(() ->
                        "Pod %s was killed%s because the memory of node %s was used up. Request memory for the build (spec.pod.resources.requests.memory)."
                                .formatted(name(pod), during, pod.getSpec().getNodeName()));
    }

    static Optional<String> memoryLimit(Pod pod) {
        return pod.getSpec().getContainers().stream()
                .filter(c -> BUILDER.equals(c.getName()))
                .findFirst()
                .map(Container::getResources)
                .map(ResourceRequirements::getLimits)
                .map(limits -> limits.get("memory"))
                .map(Quantity::toString);
    }

    static List<PodCondition> conditions(PodStatus status) {
        return status.getConditions() == null ? List.of() : status.getConditions();
    }

    private static PodState died(Reasons reason, String message) {
        return new PodState.Died(failed(reason, message));
    }

    private static Result.Failed failed(Reasons reason, String message) {
        return new Result.Failed(reason.name(), reason.fault(), message, null, null, List.of());
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    static String why(@Nullable String reason, @Nullable String message) {
        if (reason == null && message == null) {
            return "";
        }
        String words = message == null ? String.valueOf(reason) : reason == null ? message : reason + ": " + message;
        return " (" + foreign(words) + ")";
    }

    /// Text of another program: no control characters, not too long, no dot at the end.
    static String foreign(@Nullable String text) {
        String line = text == null ? "" : text.replaceAll("\\p{Cntrl}+", " ").strip();
        line = line.length() > MAX_FOREIGN_TEXT ? line.substring(0, MAX_FOREIGN_TEXT) + "…" : line;
        return line.endsWith(".") || line.endsWith(":") ? line.substring(0, line.length() - 1) : line;
    }
}
