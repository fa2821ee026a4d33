package build.kiln.builder.app;

import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.builder.sandbox.Isolation.LeftOut;
import build.kiln.builder.sandbox.Isolation.Rung;
import build.kiln.protocol.BuildRequest;
import build.kiln.protocol.IsolationDemand;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How RUNs are to be isolated, and what is known of it before anything is tried.
///
/// @param strongest the best rung that may be used; a better one is left out though it works
/// @param minimum the weakest that is enough
/// @param demandedBy the field or flag that says so
/// @param known rungs of which somebody else knows why they do not work, in better words than ours
/// @param refusal what `enter-namespaces` said where it could make no namespaces; null if it made them
record IsolationChoice(
        Rung strongest,
        Rung minimum,
        String demandedBy,
        List<LeftOut> known,
        @Nullable String refusal) {

    /// Set by `enter-namespaces --or-stay`.
    private static final String REFUSAL = "KILN_NAMESPACES_REFUSED";

    IsolationChoice {
        known = List.copyOf(known);
    }

    /// Whatever works, the best first.
    static IsolationChoice best(Environment environment) {
        return new IsolationChoice(Rung.USERNS, Rung.ASSEMBLE, "", List.of(), environment.get(REFUSAL));
    }

    static IsolationChoice of(BuildRequest request, Environment environment) {
        IsolationDemand demand = request.isolation();
        return demand == null
                ? best(environment)
                : new IsolationChoice(
                        Rung.USERNS,
                        Rung.valueOf(demand.minimum().name()),
                        demand.demandedBy(),
                        demand.leftOut().stream()
                                .map(one -> new LeftOut(Rung.valueOf(one.rung().name()), one.reason()))
                                .toList(),
                        environment.get(REFUSAL));
    }

    /// @param isolation `auto`, or the one rung to use
    /// @param minimum empty if any will do
    static IsolationChoice ofFlags(String isolation, String minimum, Environment environment) {
        boolean auto = isolation.equals("auto") || isolation.equals("default");
        Rung only = auto ? Rung.USERNS : Flags.rung("--isolation", isolation);
        Rung least = minimum.isEmpty() ? Rung.ASSEMBLE : Flags.rung("--min-isolation", minimum);
        boolean exact = !auto && only.compareTo(least) < 0;
        return new IsolationChoice(
                only,
                exact ? only : least,
                exact ? "--isolation" : "--min-isolation",
                List.of(),
                environment.get(REFUSAL));
    }

    /// What was found, in the better words where there are some.
    Isolation inBetterWords(Isolation found) {
        List<LeftOut> leftOut = new ArrayList<>();
        for (LeftOut one : found.leftOut()) {
            leftOut.add(known.stream()
                    .filter(better -> better.rung() == one.rung())
                    .findFirst()
                    .orElse(one));
        }
        return new Isolation(found.rung(), found.ids(), leftOut, found.remarks());
    }

    /// @throws PlatformFailure `IsolationUnavailable` if what was found is not enough
    void require(Isolation found) {
        if (found.rung().compareTo(minimum) > 0) {
            List<String> reasons = found.leftOut().stream()
                    .filter(one -> one.rung().compareTo(minimum) <= 0)
                    .map(one -> one.rung().word() + ": " + one.reason())
                    .toList();
            throw new PlatformFailure(
                    Reason.IsolationUnavailable,
                    demandedBy,
                    "the build has to have the isolation \"" + minimum.word()
                            + "\" or better, and here it would have \""
                            + found.rung().word() + "\". " + String.join(" ", reasons),
                    "Change what is in the way, or ask for less.");
        }
    }
}
