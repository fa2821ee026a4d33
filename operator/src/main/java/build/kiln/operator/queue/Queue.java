package build.kiln.operator.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Who may start, within the limits of the cluster and of each namespace.
///
/// Of the namespaces that may start a build, the one that runs the fewest has the turn, and of those with as many the
/// one that has been without a turn for longest; first the ones whose next build somebody asked for. Within a namespace
/// priority counts, then whether somebody asked for the build, then arrival. So that nobody waits for ever, every tenth
/// turn passes over priority, and over whether somebody asked.
///
/// An event costs the same however many wait, but for a logarithm. Not safe for several threads at once.
public final class Queue {

    private static final Comparator<Line> FAIR =
            Comparator.comparing(Line::running).thenComparing(Line::lastTurn).thenComparing(Line::namespace);

    private final Limits limits;
    private final Map<String, Line> lines = new HashMap<>();
    private final Map<BuildKey, Ticket> tickets = new HashMap<>();

    /// The lines in which somebody could start if the cluster had room.
    private final TreeSet<Line> open = new TreeSet<>(FAIR);

    /// Those of them whose next build somebody asked for.
    private final TreeSet<Line> openAndAsked = new TreeSet<>(FAIR);

    private int running;
    private long turns;

    public Queue(Limits limits) {
        this.limits = limits;
    }

    /// The build waits for its turn. Entered again, it waits at the place of the new ticket; so does one that was
    /// [turned away][#turnAway]. Nothing changes for one that runs.
    public void enter(Ticket ticket) {
        if (isRunning(ticket.build())) {
            return;
        }
        Ticket before = tickets.put(ticket.build(), ticket);
        change(ticket.build().namespace(), line -> {
            if (before != null && !before.equals(ticket)) {
                line.remove(before);
            }
            line.add(ticket);
        });
    }

    /// It no longer wants a turn. Nothing changes for one that runs.
    public void leave(BuildKey build) {
        if (!isRunning(build)) {
            remove(build);
        }
    }

    /// Gives all places away that are free.
    ///
    /// @return the builds whose turn has come, in the order of their turns; they count as running
    public List<BuildKey> admit() {
        List<BuildKey> admitted = new ArrayList<>();
        Optional<Line> next = next();
        while (next.isPresent()) {
            Ticket ticket = next.get().next().orElseThrow();
            turns++;
            change(next.get().namespace(), line -> line.start(ticket, 2 * turns + 1));
            admitted.add(ticket.build());
            next = next();
        }
        return admitted;
    }

    /// Its pod is there. It runs, whether it had its turn or not.
    public void started(BuildKey build) {
        Ticket ticket = tickets.get(build);
        change(build.namespace(), line -> {
            if (ticket != null && !line.isRunning(build)) {
                line.remove(ticket);
            }
            line.started(build);
        });
    }

    /// It runs no more, or does not start after all; and it no longer waits.
    public void end(BuildKey build) {
        change(build.namespace(), line -> line.end(build));
        remove(build);
    }

    /// The quota of its namespace refused its pod. It waits outside of the line until it is [entered][#enter] again, or
    /// a build of its namespace ends.
    public void turnAway(BuildKey build) {
        Ticket ticket = tickets.get(build);
        if (ticket != null) {
            change(build.namespace(), line -> line.turnAway(ticket));
        }
    }

    /// How many wait, be it for their turn or for a quota.
    public long waiting() {
        return tickets.keySet().stream().filter(build -> !isRunning(build)).count();
    }

    public boolean isRunning(BuildKey build) {
        Line line = lines.get(build.namespace());
        return line != null && line.isRunning(build);
    }

    /// What there is to say of a build that has been entered. Its turn has come if it [runs][#admit].
    public Turn turn(BuildKey build) {
        Ticket ticket = tickets.get(build);
        Line line = lines.get(build.namespace());
        if (line == null || ticket == null || line.isRunning(build)) {
            return new Turn.Now();
        }
        int position = line.position(ticket);
        return new Turn.Later(position, Place.describe(position, ticket) + "; " + obstacle(line) + ".");
    }

    private String obstacle(Line line) {
        if (line.isFull()) {
            return "the namespace runs %d of %d".formatted(line.running(), limits.namespace());
        }
        return line.isQuotaUsedUp()
                ? "the namespace's quota has no room for more"
                : "the cluster runs %d of %d".formatted(running, limits.cluster());
    }

    private Optional<Line> next() {
        if (open.isEmpty() || limits.cluster() > 0 && running >= limits.cluster()) {
            return Optional.empty();
        }
        boolean passesOver = turns % Line.TURN_OF_THE_OLDEST == Line.TURN_OF_THE_OLDEST - 1;
        return Optional.of(passesOver || openAndAsked.isEmpty() ? open.first() : openAndAsked.first());
    }

    private void remove(BuildKey build) {
        @Nullable Ticket ticket = tickets.remove(build);
        if (ticket != null) {
            change(build.namespace(), line -> line.remove(ticket));
        }
    }

    /// A line is sorted by what changes in it.
    private void change(String namespace, Consumer<Line> change) {
        Line line = lines.computeIfAbsent(namespace, n -> new Line(n, limits.namespace(), 2 * turns));
        open.remove(line);
        openAndAsked.remove(line);
        running -= line.running();
        change.accept(line);
        running += line.running();
        line.next().ifPresent(ticket -> {
            open.add(line);
            if (ticket.isAskedFor()) {
                openAndAsked.add(line);
            }
        });
        if (line.isEmpty()) {
            lines.remove(namespace);
        }
    }
}
