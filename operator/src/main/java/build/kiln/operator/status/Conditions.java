package build.kiln.operator.status;

import build.kiln.crds.Condition;
import build.kiln.crds.Condition.Status;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The conditions of one ImageBuild, as kstatus wants them.
///
/// `PushPending` exists only while it is true, too: from the first push that failed although all steps were done, until
/// the image is in the registry.
/// `Reconciling` and `Stalled` exist only while they are true, and never both. `Ready` answers "is the image that the
/// spec asks for there?", `Succeeded` answers "how did the build end?" and is unknown until it has.
final class Conditions {

    private static final int MAX_MESSAGE = 4096;

    static final String READY = "Ready";
    static final String SUCCEEDED = "Succeeded";
    static final String RECONCILING = "Reconciling";
    static final String STALLED = "Stalled";
    static final String PUSH_PENDING = "PushPending";

    private final List<Condition> old;
    private final long generation;
    private final Instant now;
    private final List<Condition> made = new ArrayList<>();

    private Conditions(List<Condition> old, long generation, Instant now) {
        this.old = old;
        this.generation = generation;
        this.now = now;
    }

    static Conditions from(List<Condition> old, long generation, Instant now) {
        return new Conditions(old, generation, now);
    }

    /// It goes on by itself.
    List<Condition> inProgress(String reason, String message) {
        add(READY, Status.Unknown, reason, message);
        add(SUCCEEDED, Status.Unknown, reason, message);
        add(RECONCILING, Status.True, reason, message);
        return made;
    }

    /// All steps are done, and the registry does not take the image yet.
    List<Condition> pushPending(String reason, String message) {
        inProgress(reason, message);
        add(PUSH_PENDING, Status.True, reason, message);
        return made;
    }

    /// What is built still waits for its push, whatever else there is to say.
    void keepPushPending() {
        old.stream()
                .filter(c -> c.type().equals(PUSH_PENDING) && c.status() == Status.True)
                .forEach(c -> add(c.type(), c.status(), c.reason(), c.message()));
    }

    /// It does not go on until somebody does something; the build has not ended.
    List<Condition> blocked(String reason, String message) {
        add(READY, Status.False, reason, message);
        add(SUCCEEDED, Status.Unknown, reason, message);
        add(STALLED, Status.True, reason, message);
        return made;
    }

    List<Condition> failed(String reason, String message) {
        add(READY, Status.False, reason, message);
        add(SUCCEEDED, Status.False, reason, message);
        add(STALLED, Status.True, reason, message);
        return made;
    }

    List<Condition> succeeded(String reason, String message) {
        add(READY, Status.True, reason, message);
        add(SUCCEEDED, Status.True, reason, message);
        return made;
    }

    /// Nothing goes on, because the user wants it so.
    List<Condition> suspended(String reason, String message) {
        add(READY, Status.False, reason, message);
        add(SUCCEEDED, Status.Unknown, reason, message);
        return made;
    }

    /// The same statements, now about the present generation.
    List<Condition> unchanged() {
        old.forEach(c -> add(c.type(), c.status(), c.reason(), c.message()));
        return made;
    }

    private void add(String type, Status status, String reason, String message) {
        Optional<Condition> before =
                old.stream().filter(c -> c.type().equals(type)).findFirst();
        String since = before.filter(c -> c.status() == status)
                .map(Condition::lastTransitionTime)
                .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
        String text = message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE - 1) + "…" : message;
        made.add(new Condition(type, status, generation, since, reason, text));
    }
}
