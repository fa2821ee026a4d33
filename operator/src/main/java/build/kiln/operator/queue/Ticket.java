package build.kiln.operator.queue;

import java.time.Instant;
import java.util.Comparator;

/// A build's claim to a turn.
///
/// @param priority `spec.priority`: the greater goes first
/// @param isAskedFor somebody wants the image: not a rebuild that a schedule or a base image brought about
/// @param since when it began to wait
public record Ticket(BuildKey build, int priority, boolean isAskedFor, Instant since) {

    static final Comparator<Ticket> BY_ARRIVAL = Comparator.comparing(Ticket::since)
            .thenComparing(t -> t.build().namespace())
            .thenComparing(t -> t.build().name());

    /// The order within a namespace.
    static final Comparator<Ticket> BY_TURN = Comparator.comparing(Ticket::priority)
            .reversed()
            .thenComparing(t -> !t.isAskedFor())
            .thenComparing(BY_ARRIVAL);
}
