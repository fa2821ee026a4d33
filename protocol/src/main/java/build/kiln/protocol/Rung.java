package build.kiln.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// A level of isolation, the strongest first. `docs/security.md` says what a RUN can and cannot do on each.
public enum Rung {
    /// A RUN has its own user, mount, pid, ipc and uts namespaces, an overlay as root, and its own /proc.
    USERNS,
    /// The same, but for a /proc of its own: it sees the processes of the pod, and can do nothing to them.
    NESTED,
    /// A RUN is in no namespace of its own: its root is changed to an unpacked tree, which is compared afterwards.
    CHROOT,
    /// There is no RUN: only COPY, ADD and what changes the config.
    ASSEMBLE;

    /// As it stands in requests, reports and flags: `userns`.
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The rung of this word; empty if there is none.
    public static Optional<Rung> of(String word) {
        return Arrays.stream(values()).filter(rung -> rung.word().equals(word)).findFirst();
    }

    /// Whether it keeps a RUN apart less than `other` does.
    public boolean isBelow(Rung other) {
        return compareTo(other) > 0;
    }

    @JsonCreator
    static Rung parse(String word) {
        return of(word).orElseThrow(() -> new IllegalArgumentException("The rung is \"" + word
                + "\"; there are "
                + Arrays.stream(values()).map(Rung::word).collect(Collectors.joining(", ")) + "."));
    }
}
