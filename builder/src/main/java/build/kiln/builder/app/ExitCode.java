package build.kiln.builder.app;

import build.kiln.builder.failure.Fault;

/// The exit status of a build, after sysexits.h where it has a word for it.
enum ExitCode {
    SUCCESS(0),
    /// The user has to change something.
    USER(1),
    /// The command line could not be understood.
    USAGE(64),
    /// A defect of Kiln.
    DEFECT(70),
    /// The machine, the pod or the volume could not do it.
    PLATFORM(71),
    /// A registry or a source did not answer; worth trying again.
    REMOTE(75);

    private final int status;

    ExitCode(int status) {
        this.status = status;
    }

    int status() {
        return status;
    }

    static ExitCode of(Fault fault) {
        return switch (fault) {
            case USER -> USER;
            case REMOTE -> REMOTE;
            case PLATFORM -> PLATFORM;
            case KILN -> DEFECT;
        };
    }
}
