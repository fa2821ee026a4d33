package build.kiln.operator.policy;

import build.kiln.protocol.BuildReport;
import build.kiln.protocol.BuildReport.Result;

/// What a builder pod is doing, or how it ended.
public sealed interface PodState {

    /// The builder has not started.
    ///
    /// @param hold what holds it up; [Hold#NOTHING] while it takes its ordinary course
    record Waiting(Hold hold) implements PodState {}

    record Running() implements PodState {}

    /// The builder left its report.
    record Reported(BuildReport report) implements PodState {}

    /// The pod ended without one.
    record Died(Result.Failed failure) implements PodState {}

    /// @param message the words of the scheduler, the kubelet or the runtime
    /// @param advice a sentence: which field to look at
    record Hold(String reason, String message, String advice) {

        public static final Hold NOTHING = new Hold("", "", "");

        public boolean isNothing() {
            return reason.isEmpty();
        }

        /// Whether nothing is wrong: the pod has to wait for others.
        public boolean isQueue() {
            return Reasons.isOneOf(reason, Reasons.QueuedByKueue);
        }
    }
}
