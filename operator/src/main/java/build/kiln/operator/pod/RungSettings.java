package build.kiln.operator.pod;

import build.kiln.protocol.Rung;
import java.util.Optional;

/// What the operator's settings say of rungs.
///
/// @param minimum no pod of a weaker one is made
/// @param seccompProfile a file below the kubelet's folder of seccomp profiles, for pods whose RUNs have namespaces
/// @param appArmorProfile the name of a profile that is loaded on every node, for the same pods
/// @param pidsLimit how many processes and threads a RUN may have at once
public record RungSettings(
        Rung minimum, Optional<String> seccompProfile, Optional<String> appArmorProfile, int pidsLimit) {

    /// What builders take by themselves.
    public static final int USUAL_PIDS = 8192;

    public static final RungSettings DEFAULT =
            new RungSettings(Rung.ASSEMBLE, Optional.empty(), Optional.empty(), USUAL_PIDS);
}
