package build.kiln.builder.sandbox;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.failure.PlatformFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.snapshot.Form;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What this machine or pod lets a RUN be isolated by.
///
/// @param rung the best that works
/// @param ids which users and groups there are
/// @param leftOut the better rungs, and why they do not work
/// @param remarks what does not work on this rung that would work elsewhere, in whole sentences
public record Isolation(Rung rung, IdMap ids, List<LeftOut> leftOut, List<String> remarks) {

    /// A level of isolation, the strongest first.
    public enum Rung {
        /// A RUN has its own user, mount, pid, ipc and uts namespaces, an overlay as root, and its own /proc.
        USERNS,
        /// The same, but for a /proc of its own: it sees the processes of the pod, and can do nothing to them.
        NESTED,
        /// A RUN is in no namespace of its own: its root is changed to an unpacked tree, which is compared
        /// afterwards.
        CHROOT,
        /// There is no RUN: only COPY, ADD and what changes the config.
        ASSEMBLE;

        /// As it stands in reports: `userns`.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A rung that does not work here.
    ///
    /// @param reason what was tried and what came of it, in whole sentences
    public record LeftOut(Rung rung, String reason) {}

    public Isolation {
        leftOut = List.copyOf(leftOut);
        remarks = List.copyOf(remarks);
    }

    /// How root file systems come about on this rung.
    public Form form() {
        return rung.compareTo(Rung.NESTED) <= 0 ? Form.MOUNTED : Form.UNPACKED;
    }

    /// Does nothing where a RUN is possible.
    ///
    /// @throws BuildFailure `IsolationUnavailable`, with the reasons
    public void requireRun() {
        if (rung == Rung.ASSEMBLE) {
            String reasons = leftOut.stream().map(LeftOut::reason).distinct().collect(Collectors.joining(" "));
            throw new PlatformFailure(
                    Reason.IsolationUnavailable,
                    "",
                    "A RUN cannot be isolated here. " + reasons,
                    "docs/security.md says what a RUN needs.");
        }
    }
}
