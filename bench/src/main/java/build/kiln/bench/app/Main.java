package build.kiln.bench.app;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine;

/// `kiln bench`. The launcher says by the system property `kiln.home` where the project is.
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        PrintStream out =
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err =
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8);
        Path home =
                Path.of(System.getProperty("kiln.home", "")).toAbsolutePath().normalize();
        System.exit(new CommandLine(new BenchCommand(home, out, err))
                .addSubcommand(new MicroCommand())
                .addSubcommand(new OperatorCommand(home, out, err))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }
}
