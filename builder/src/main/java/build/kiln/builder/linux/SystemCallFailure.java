package build.kiln.builder.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// The kernel refused a call.
///
/// The message has the call's name, the path it was about, and the reason in words.
public final class SystemCallFailure extends IOException {

    private final String call;
    private final String subject;
    private final int errnoNumber;
    private final Errno errno;

    SystemCallFailure(String call, String subject, int errnoNumber) {
        this(call, subject, errnoNumber, Errno.of(errnoNumber));
    }

    private SystemCallFailure(String call, String subject, int errnoNumber, Errno errno) {
        super(call + (subject.isEmpty() ? "" : " \"" + subject + "\"") + ": " + errno.text() + " ("
                + (errno == Errno.OTHER ? "errno " + errnoNumber : errno.name()) + ")");
        this.call = call;
        this.subject = subject;
        this.errnoNumber = errnoNumber;
        this.errno = errno;
    }

    static SystemCallFailure about(String call, byte[] path, int errnoNumber) {
        return new SystemCallFailure(call, new String(path, StandardCharsets.UTF_8), errnoNumber);
    }

    /// The kernel's name of the call: `openat2`, `mount`.
    public String call() {
        return call;
    }

    /// The path that the call was about, as far as there is one.
    public String subject() {
        return subject;
    }

    public Errno errno() {
        return errno;
    }

    public int errnoNumber() {
        return errnoNumber;
    }
}
