package build.kiln.operator.queue;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// First come, first served, within the limits of the cluster and of each namespace. A namespace that is full holds up
/// nobody else.
public final class Queue {

    private Queue() {}

    /// @param waiting all that want to start, the candidate among them
    /// @param running one entry for each build that runs
    public static Turn turn(Ticket candidate, Collection<Ticket> waiting, Collection<Ticket> running, Limits limits) {
        List<Ticket> ahead = waiting.stream()
                .filter(t -> Ticket.BY_ARRIVAL.compare(t, candidate) < 0)
                .sorted(Ticket.BY_ARRIVAL)
                .toList();
        Predicate<Ticket> sameNamespace = t -> t.namespace().equals(candidate.namespace());
        long here = running.stream().filter(sameNamespace).count();
        long hereAhead = ahead.stream().filter(sameNamespace).count();
        if (limits.namespace() > 0 && here + hereAhead >= limits.namespace()) {
            return new Turn.Later(
                    Math.toIntExact(hereAhead + 1),
                    "%s in namespace %s: it runs %d of at most %d builds."
                            .formatted(ordinal(hereAhead + 1), candidate.namespace(), here, limits.namespace()));
        }
        // Those ahead that their own namespace holds up do not hold up this one.
        long runnable =
                ahead.stream().filter(t -> fits(t, ahead, running, limits)).count();
        if (limits.cluster() > 0 && running.size() + runnable >= limits.cluster()) {
            return new Turn.Later(
                    Math.toIntExact(runnable + 1),
                    "%s in the cluster: it runs %d of at most %d builds."
                            .formatted(ordinal(runnable + 1), running.size(), limits.cluster()));
        }
        return new Turn.Now();
    }

    /// Who should be asked again after a build has ended.
    public static Optional<Ticket> next(Collection<Ticket> waiting, Collection<Ticket> running, Limits limits) {
        return waiting.stream()
                .sorted(Ticket.BY_ARRIVAL)
                .filter(t -> turn(t, waiting, running, limits) instanceof Turn.Now)
                .findFirst();
    }

    private static boolean fits(Ticket ticket, List<Ticket> ahead, Collection<Ticket> running, Limits limits) {
        if (limits.namespace() == 0) {
            return true;
        }
        long here = running.stream()
                .filter(t -> t.namespace().equals(ticket.namespace()))
                .count();
        long before = ahead.stream()
                .filter(t -> t.namespace().equals(ticket.namespace()) && Ticket.BY_ARRIVAL.compare(t, ticket) < 0)
                .count();
        return here + before < limits.namespace();
    }

    private static String ordinal(long n) {
        long tens = n % 100;
        String ending = tens >= 11 && tens <= 13
                ? "th"
                : switch ((int) (n % 10)) {
                    case 1 -> "st";
                    case 2 -> "nd";
                    case 3 -> "rd";
                    default -> "th";
                };
        return n + ending;
    }
}
