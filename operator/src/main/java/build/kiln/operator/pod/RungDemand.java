package build.kiln.operator.pod;

import build.kiln.crds.ImageBuildSpec;
import build.kiln.crds.IsolationSettings;
import build.kiln.protocol.Rung;

/// The weakest rung that a build may have: the stronger one of what its spec and what the operator's settings demand.
///
/// @param demandedBy the field that says so, for messages
public record RungDemand(Rung minimum, String demandedBy) {

    private static final String BY_SETTING =
            "builder.isolation.minimum of the chart (KILN_BUILDER_ISOLATION_MINIMUM of the operator)";

    public static RungDemand of(ImageBuildSpec spec, RungSettings settings) {
        IsolationSettings.Rung wanted = spec.isolation().minimum();
        Rung bySpec = wanted == null
                ? Rung.ASSEMBLE
                : switch (wanted) {
                    case USERNS -> Rung.USERNS;
                    case NESTED -> Rung.NESTED;
                    case CHROOT -> Rung.CHROOT;
                    case ASSEMBLE -> Rung.ASSEMBLE;
                };
        return bySpec.isBelow(settings.minimum())
                ? new RungDemand(settings.minimum(), BY_SETTING)
                : new RungDemand(bySpec, "spec.isolation.minimum");
    }

    /// Whether nothing is demanded: every rung will do.
    public boolean isNone() {
        return minimum == Rung.ASSEMBLE;
    }
}
