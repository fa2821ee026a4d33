package build.kiln.local.app;

import build.kiln.local.cluster.ClusterFailure;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `kiln local` and `kiln demo`. The launcher says by the system property `kiln.home` where the project is.
@Command(name = "kiln", description = "Builds container images inside Kubernetes.")
public final class Main {

    /// Something that has to work does not.
    private static final int FAILED = 1;

    private Main() {}

    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), false, StandardCharsets.UTF_8);
        ProjectFolder project = new ProjectFolder(
                Path.of(System.getProperty("kiln.home", "")).toAbsolutePath().normalize());
        int status = new CommandLine(new Main())
                .addSubcommand(new LocalCommand(project, Clock.systemUTC()))
                .addSubcommand(new DemoCommand(project, Clock.systemUTC()))
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, err))
                .execute(arguments);
        out.flush();
        err.flush();
        System.exit(status);
    }

    private static int report(Exception failure, PrintStream err) {
        if (failure instanceof ClusterFailure) {
            err.println(failure.getMessage());
        } else if (!(failure instanceof InterruptedException)) {
            failure.printStackTrace(err);
        }
        return FAILED;
    }
}
