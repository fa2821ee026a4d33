package build.kiln.operator.imagebuild;

import build.kiln.crds.History;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.PodState;
import build.kiln.protocol.BuildReport.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Which finished pods are kept, for their logs: as many as `spec.history` says, the newest ones.
final class Retention {

    private Retention() {}

    /// The finished pods that are too many.
    static List<BuilderPod> tooMany(List<BuilderPod> pods, History history) {
        List<BuilderPod> newestFirst = pods.stream()
                .filter(p -> !p.isActive())
                .sorted(Comparator.comparing(BuilderPod::generation)
                        .thenComparing(BuilderPod::attempt)
                        .reversed())
                .toList();
        int succeeded = 0;
        int failed = 0;
        List<BuilderPod> tooMany = new ArrayList<>();
        for (BuilderPod pod : newestFirst) {
            boolean isKept = hasSucceeded(pod) ? ++succeeded <= history.succeeded() : ++failed <= history.failed();
            if (!isKept) {
                tooMany.add(pod);
            }
        }
        return tooMany;
    }

    private static boolean hasSucceeded(BuilderPod pod) {
        return pod.state() instanceof PodState.Reported(var report) && report.result() instanceof Result.Succeeded;
    }
}
