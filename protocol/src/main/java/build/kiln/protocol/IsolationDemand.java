package build.kiln.protocol;

import java.util.List;

/// How far RUNs have to be isolated, and what the operator knows of it.
///
/// @param minimum the builder ends before its first step if it can give less
/// @param demandedBy the field that says so, for messages: `spec.isolation.minimum`
/// @param leftOut rungs whose pod the namespace does not admit, with the admission's own words
public record IsolationDemand(Rung minimum, String demandedBy, List<LeftOutRung> leftOut) {

    public IsolationDemand {
        Wire.present(minimum, "isolation.minimum");
        Wire.required(demandedBy, "isolation.demandedBy");
        leftOut = Wire.list(leftOut);
    }
}
