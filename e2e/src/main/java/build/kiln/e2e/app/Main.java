package build.kiln.e2e.app;

import build.kiln.e2e.cluster.ClusterProblem;
import build.kiln.e2e.install.InstallationFailure;
import build.kiln.e2e.registry.RegistryFailure;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine;

/// `kiln e2e`. The launcher says by the system property `kiln.home` where the project is.
public final class Main {

    /// Nothing could be tried at all: exit status as sysexits.h has it for what is unavailable.
    static final int UNAVAILABLE = 69;

    static final int USAGE = 64;

    private Main() {}

    public static void main(String[] arguments) {
        PrintStream out =
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err =
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8);
        Path home =
                Path.of(System.getProperty("kiln.home", "")).toAbsolutePath().normalize();
        System.exit(run(home, out, err, arguments));
    }

    /// The whole program but its exit.
    static int run(Path home, PrintStream out, PrintStream err, String... arguments) {
        return new CommandLine(new E2eCommand(home, out, err))
                .setOut(new java.io.PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new java.io.PrintWriter(err, true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((problem, args) -> {
                    err.println("kiln e2e: " + problem.getMessage());
                    err.println("\"kiln e2e --help\" lists the options.");
                    return USAGE;
                })
                .setExecutionExceptionHandler((problem, line, parsed) -> switch (problem) {
                    case ClusterProblem _, RegistryFailure _, InstallationFailure _ -> {
                        err.println("kiln e2e: " + problem.getMessage());
                        yield UNAVAILABLE;
                    }
                    default -> throw problem;
                })
                .execute(arguments);
    }
}
