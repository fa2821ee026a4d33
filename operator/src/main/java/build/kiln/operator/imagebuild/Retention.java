package build.kiln.operator.imagebuild;

import build.kiln.crds.History;
import build.kiln.operator.policy.BuilderPod;
import build.kiln.operator.policy.PodState;
import build.kiln.protocol.BuildReport.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Which finished pods are kept, for their logs: as many as `spec.history` says, of each platform the newest ones, and
/// for a while.
///
/// @param longest so long a finished pod is kept, at the most
record Retention(Duration longest) {

    /// The finished pods that are too many or too old.
    List<BuilderPod> tooMany(List<BuilderPod> pods, History history, Instant now) {
        return pods.stream()
                .collect(Collectors.groupingBy(BuilderPod::part, TreeMap::new, Collectors.toList()))
                .values()
                .stream()
                .flatMap(ofPart -> tooManyOfPart(ofPart, history, now).stream())
                .toList();
    }

    private List<BuilderPod> tooManyOfPart(List<BuilderPod> pods, History history, Instant now) {
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
            boolean isWanted = hasSucceeded(pod) ? ++succeeded <= history.succeeded() : ++failed <= history.failed();
            boolean isKept = isWanted && endOf(pod).plus(longest).isAfter(now);
            if (!isKept) {
                tooMany.add(pod);
            }
        }
        return tooMany;
    }

    private static Instant endOf(BuilderPod pod) {
        return pod.endedAt().orElse(pod.createdAt());
    }

    private static boolean hasSucceeded(BuilderPod pod) {
        return pod.state() instanceof PodState.Reported(var report) && report.result() instanceof Result.Succeeded;
    }
}
