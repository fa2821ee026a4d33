package build.kiln.operator.policy;

import build.kiln.protocol.Fault;
import java.util.Arrays;
import java.util.Optional;

/// Every reason that the operator itself gives, in conditions and Events. What a builder reports has reasons of its
/// own.
/// `docs/errors.md` has an entry for each.
public enum Reasons {
    /// Waits for other builds.
    Queued,
    /// The pod waits in one of Kueue's queues.
    QueuedByKueue,
    /// The pod of an earlier generation has to end first.
    Superseding,
    /// A builder pod is there.
    Building,
    /// All steps are done and the rest of the image is sent.
    Pushing,
    /// The next attempt comes.
    Retrying,
    /// All steps are done, the registry cannot take the image, and the next attempt to push it comes.
    PushPending(Fault.REMOTE),
    /// The image is in the registry.
    Succeeded,
    /// `spec.suspend` is true.
    Suspended,
    /// The files in the resource do not fit into a pod's annotation.
    SourceTooLarge(Fault.USER),
    /// `spec.rebuild` names a time or a zone that there is not.
    ScheduleInvalid(Fault.USER),
    /// The Flux object that is the source has no artifact yet.
    FluxSourceNotReady,
    /// There is no such Flux object, or the operator may not look for one.
    FluxSourceMissing,
    /// The API server does not let the pod be made.
    PodForbidden,
    /// The API server lets no pod be made whose RUNs are kept apart as far as somebody demands.
    IsolationUnavailable,
    /// The API server takes the pod for malformed.
    PodInvalid,
    /// Another pod has the name.
    PodNameTaken,
    /// The namespace's quota is used up.
    QuotaExceeded,
    /// No node takes the pod.
    Unschedulable,
    /// A claim of the pod is not bound, or the node cannot mount it.
    VolumeUnavailable,
    /// The node cannot get the builder's image.
    BuilderImageUnavailable,
    /// The node cannot start the builder's container.
    BuilderNotStarted(Fault.PLATFORM),
    /// The node cannot give the pod a user namespace of its own, or its volumes mapped ids.
    UserNamespaceRefused(Fault.PLATFORM),
    /// There is no node of a platform that the spec asks for.
    NoNodeForPlatform(Fault.USER),
    /// The build, or its pod's start, took too long.
    TimedOut(Fault.USER),
    /// Somebody deleted the pod.
    PodDeleted(Fault.PLATFORM),
    /// The cluster took the pod away: eviction, preemption, a lost node.
    Disrupted(Fault.PLATFORM),
    /// Kueue took the pod away, to make room for another one.
    EvictedByKueue(Fault.PLATFORM),
    /// The builder used more memory than its limit.
    OutOfMemory(Fault.USER),
    /// The builder ended without a report.
    BuilderDied(Fault.PLATFORM),
    /// The builder's report is of another release.
    ReportUnreadable(Fault.KILN);

    private final Optional<Fault> fault;

    Reasons() {
        this.fault = Optional.empty();
    }

    Reasons(Fault fault) {
        this.fault = Optional.of(fault);
    }

    /// Whose turn it is, for a reason why an attempt ended.
    Fault fault() {
        return fault.orElseThrow(() -> new IllegalStateException(this + " is no reason for an attempt to end."));
    }

    static boolean isOneOf(String word, Reasons... reasons) {
        return Arrays.stream(reasons).anyMatch(r -> r.name().equals(word));
    }
}
