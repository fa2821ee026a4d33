package build.kiln.operator.queue;

import java.time.Instant;
import java.util.Comparator;

/// A build's place in the order of arrival.
///
/// @param since when it began to wait
public record Ticket(String namespace, String name, Instant since) {

    static final Comparator<Ticket> BY_ARRIVAL =
            Comparator.comparing(Ticket::since).thenComparing(Ticket::namespace).thenComparing(Ticket::name);
}
