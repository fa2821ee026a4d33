package build.kiln.operator.pod;

import build.kiln.protocol.LeftOutRung;
import build.kiln.protocol.Rung;
import java.util.List;

/// The rung that a pod is made for.
///
/// @param leftOut the stronger ones, and why they cannot be had, the strongest first
public record ChosenRung(Rung rung, List<LeftOutRung> leftOut) {

    /// The strongest of all.
    public static final ChosenRung STRONGEST = new ChosenRung(Rung.USERNS, List.of());

    public ChosenRung {
        leftOut = List.copyOf(leftOut);
    }
}
