package build.kiln.operator.queue;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The builds of one namespace: those that run, those that wait, and those that its quota turned away.
///
/// A quota says no only when a pod is made. So from the first refusal on, until nobody is left, one build at a time may
/// try. Who is refused steps aside, so that one that asks for too much holds up nobody. After a second refusal in a row
/// nobody tries until a build ends, or one of those who stepped aside comes back.
final class Line {

    /// Each turn of this number goes to who has waited longest, whatever its priority: nobody waits for ever.
    static final int TURN_OF_THE_OLDEST = 10;

    private static final int REFUSALS_IN_A_ROW = 2;

    private final String namespace;
    private final int limit;
    private final RankedSet<Ticket> waiting = new RankedSet<>(Ticket.BY_TURN);
    private final TreeSet<Ticket> waitingByArrival = new TreeSet<>(Ticket.BY_ARRIVAL);
    private final TreeSet<Ticket> turnedAway = new TreeSet<>(Ticket.BY_TURN);
    private final Set<BuildKey> running = new HashSet<>();

    /// Of those that run, the ones that have no pod yet.
    private final Set<BuildKey> starting = new HashSet<>();

    private boolean hasQuota;
    private int refusals;
    private long turns;
    private long lastTurn;

    /// @param limit how many may run; 0 is no limit
    /// @param lastTurn its place among the namespaces, as long as it had no turn
    Line(String namespace, int limit, long lastTurn) {
        this.namespace = namespace;
        this.limit = limit;
        this.lastTurn = lastTurn;
    }

    String namespace() {
        return namespace;
    }

    int running() {
        return running.size();
    }

    long lastTurn() {
        return lastTurn;
    }

    boolean isRunning(BuildKey build) {
        return running.contains(build);
    }

    boolean isEmpty() {
        return waiting.isEmpty() && turnedAway.isEmpty() && running.isEmpty();
    }

    boolean isFull() {
        return limit > 0 && running.size() >= limit;
    }

    boolean isQuotaUsedUp() {
        return hasQuota && (refusals >= REFUSALS_IN_A_ROW || !starting.isEmpty());
    }

    /// Who starts next, if anybody may.
    Optional<Ticket> next() {
        return waiting.isEmpty() || isFull() || isQuotaUsedUp() ? Optional.empty() : Optional.of(first());
    }

    private Ticket first() {
        return turns % TURN_OF_THE_OLDEST == TURN_OF_THE_OLDEST - 1 ? waitingByArrival.first() : waiting.first();
    }

    /// Counted from 1.
    int position(Ticket ticket) {
        return waiting.rank(ticket) + 1;
    }

    void add(Ticket ticket) {
        if (turnedAway.remove(ticket)) {
            refusals = REFUSALS_IN_A_ROW - 1;
        }
        waiting.add(ticket);
        waitingByArrival.add(ticket);
    }

    void remove(Ticket ticket) {
        waiting.remove(ticket);
        waitingByArrival.remove(ticket);
        turnedAway.remove(ticket);
        forgetQuota();
    }

    /// @param turn greater than that of any other turn before
    void start(Ticket ticket, long turn) {
        waiting.remove(ticket);
        waitingByArrival.remove(ticket);
        running.add(ticket.build());
        starting.add(ticket.build());
        turns++;
        lastTurn = turn;
    }

    /// It has a pod.
    void started(BuildKey build) {
        running.add(build);
        starting.remove(build);
        refusals = 0;
    }

    /// Its pod was refused.
    void turnAway(Ticket ticket) {
        running.remove(ticket.build());
        starting.remove(ticket.build());
        turnedAway.add(ticket);
        hasQuota = true;
        refusals++;
    }

    /// Whoever was turned away and is the first to be next tries again.
    void end(BuildKey build) {
        starting.remove(build);
        if (running.remove(build) && hasQuota) {
            refusals = 0;
            Ticket first = turnedAway.pollFirst();
            if (first != null) {
                waiting.add(first);
                waitingByArrival.add(first);
            }
        }
        forgetQuota();
    }

    private void forgetQuota() {
        if (turnedAway.isEmpty()) {
            refusals = 0;
            hasQuota = hasQuota && !waiting.isEmpty();
        }
    }
}
