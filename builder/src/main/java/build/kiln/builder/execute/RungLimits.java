package build.kiln.builder.execute;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.plan.Step;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.builder.sandbox.Isolation.Rung;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/// What a RUN asks for and its rung cannot give is refused by name: a RUN that is given something else without a
/// word could succeed with a wrong result.
final class RungLimits {

    private final Isolation isolation;
    private final String place;

    /// @param place of the RUN: `Dockerfile:14`
    RungLimits(Isolation isolation, String place) {
        this.isolation = isolation;
        this.place = place;
    }

    /// @param hostname that the build asks for; whether it does so
    /// @throws PlatformFailure `IsolationUnavailable`
    void check(Step.Run step, RunSettings settings, Hostname hostname) {
        if (isolation.rung() == Rung.USERNS) {
            return;
        }
        if (step.security() == Step.Security.INSECURE) {
            throw refused(
                    "RUN --security=insecure",
                    "what may make namespaces of its own could outlive its build where it has no pid space of its own");
        }
        if (isolation.rung() != Rung.CHROOT) {
            return;
        }
        Set<String> caches = new HashSet<>();
        for (Step.Mount mount : step.mounts()) {
            if (mount instanceof Step.Mount.Cache cache && !caches.add(cache.id())) {
                throw refused(
                        "RUN with the cache \"" + cache.id() + "\" at two places",
                        "nothing can be mounted, and its directory can be moved to one place only");
            }
            if (mount instanceof Step.Mount.Tmpfs tmpfs && tmpfs.sizeBytes() > 0) {
                throw refused(
                        "RUN --mount=type=tmpfs,target=" + tmpfs.target() + " with a size",
                        "nothing can be mounted, and a directory has no limit");
            }
        }
        if (!step.devices().isEmpty()) {
            throw refused("RUN --device", "nothing can be mounted");
        }
        if (settings.shmBytes() > 0) {
            throw refused("--shm-size", "nothing can be mounted, and /dev/shm is a directory without a limit");
        }
        if (hostname == Hostname.CHOSEN) {
            throw refused("BUILDKIT_SANDBOX_HOSTNAME", "the RUN has the host name of the pod");
        }
    }

    /// Whether the build says how a RUN's host is called.
    enum Hostname {
        CHOSEN,
        USUAL
    }

    private PlatformFailure refused(String what, String why) {
        return new PlatformFailure(
                Reason.IsolationUnavailable,
                place,
                what + " does not work with the isolation \"" + isolation.rung().word() + "\": " + why + ".",
                "Leave it out, or let the builder have a better rung. "
                        + isolation.leftOut().stream()
                                .map(one -> one.rung().word() + ": " + one.reason())
                                .collect(Collectors.joining(" ")));
    }
}
