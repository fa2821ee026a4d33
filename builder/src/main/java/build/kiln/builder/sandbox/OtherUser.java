package build.kiln.builder.sandbox;

import build.kiln.builder.linux.Processes;
import build.kiln.builder.linux.SystemCallFailure;

/// Makes the builder somebody whom a RUN cannot signal, where both are in one pid space: who sends a signal has to
/// have the real or saved user id of the one who gets it. The builder's effective id stays root's, so its files
/// are as ever.
///
/// No RUN can become this user: on `nested` its namespace does not have it, on `chroot` the filter of system calls
/// refuses
/// it.
final class OtherUser {

    /// The highest of the ids that an image may use, and nobody's: as 16 bits it means none.
    static final int UID = 65_535;

    private OtherUser() {}

    /// Whether the capabilities would stay, which `enter-namespaces` sees to.
    static boolean isPossible() {
        return Processes.keepsCapabilities();
    }

    /// For the whole process and for good; may be repeated.
    static void become() throws SystemCallFailure {
        Processes.setRealAndSavedUid(UID);
    }
}
