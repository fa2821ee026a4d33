package build.kiln.operator.status;

import build.kiln.crds.Condition;
import build.kiln.crds.Condition.Status;
import build.kiln.crds.ImageBuild;
import build.kiln.crds.ImageBuildStatus;

/// What Flux, and all that use kstatus, make of a custom resource: its generic rules, and after them those for a
/// `Ready` condition.
enum Kstatus {
    IN_PROGRESS,
    FAILED,
    CURRENT;

    static Kstatus of(ImageBuild build, ImageBuildStatus status) {
        Long observed = status.observedGeneration();
        if (observed != null && !observed.equals(build.getMetadata().getGeneration())) {
            return IN_PROGRESS;
        }
        for (Condition condition : status.conditions()) {
            if (condition.type().equals("Reconciling") && condition.status() == Status.True) {
                return IN_PROGRESS;
            }
            if (condition.type().equals("Stalled") && condition.status() == Status.True) {
                return FAILED;
            }
        }
        return status.conditions().stream()
                        .filter(c -> c.type().equals("Ready"))
                        .allMatch(c -> c.status() == Status.True)
                ? CURRENT
                : IN_PROGRESS;
    }
}
