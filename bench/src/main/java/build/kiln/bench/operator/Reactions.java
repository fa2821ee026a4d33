package build.kiln.bench.operator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The times from events to what the operator made of them. Safe for many threads.
final class Reactions {

    private final Set<String> answered = new HashSet<>();
    private final List<Duration> counted = new ArrayList<>();
    private boolean isCounting;
    private Duration slowest = Duration.ZERO;

    /// The first reaction to a pod's end; later ones are none.
    synchronized void add(String pod, Duration time) {
        if (answered.add(pod) && isCounting) {
            counted.add(time);
            slowest = time.compareTo(slowest) > 0 ? time : slowest;
        }
    }

    /// The longest time that was counted since this was asked before.
    synchronized Duration slowestSinceAsked() {
        Duration found = slowest;
        slowest = Duration.ZERO;
        return found;
    }

    /// From now on times count: nothing but builds happens.
    synchronized void count() {
        isCounting = true;
    }

    /// The times that were counted so far count no more: what follows is another part of the run.
    synchronized void forgetTimes() {
        counted.clear();
    }

    /// From now on times do not count.
    synchronized void pause() {
        isCounting = false;
    }

    synchronized Set<String> answered() {
        return new HashSet<>(answered);
    }

    synchronized int size() {
        return counted.size();
    }

    /// The time that so many percent of the reactions keep within; nothing, if there was no reaction.
    synchronized Duration percentile(double percent) {
        if (counted.isEmpty()) {
            return Duration.ZERO;
        }
        List<Duration> sorted = new ArrayList<>(counted);
        Collections.sort(sorted);
        int rank = (int) Math.ceil(percent / 100 * sorted.size());
        return sorted.get(Math.clamp(rank - 1, 0, sorted.size() - 1));
    }
}
