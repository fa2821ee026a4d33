package build.kiln.builder.app;

import build.kiln.builder.failure.BuildFailure;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The builder's entry: `kiln build` for people, `kiln build-pod` for the pod that the operator makes.
@Command(
        name = "kiln",
        description = "Builds container images.",
        subcommands = {BuildCommand.class, CacheCommand.class, BuildPodCommand.class, TrainCommand.class})
public final class Kiln {

    private Kiln() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.err), false, StandardCharsets.UTF_8);
        Environment environment = new Environment(System.getenv(), System.in, out, err, Clock.systemUTC());
        System.exit(run(environment, args));
    }

    /// The whole program but its exit.
    static int run(Environment environment, String... args) {
        CommandLine.IFactory commands = new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                if (type == BuildCommand.class) {
                    return type.cast(new BuildCommand(environment));
                }
                if (type == BuildPodCommand.class) {
                    return type.cast(new BuildPodCommand(environment));
                }
                if (type == TrainCommand.class) {
                    return type.cast(new TrainCommand(environment));
                }
                if (type == CacheCommand.class) {
                    return type.cast(new CacheCommand(environment));
                }
                return CommandLine.defaultFactory().create(type);
            }
        };
        CommandLine line = new CommandLine(new Kiln(), commands)
                .setOut(new java.io.PrintWriter(environment.out(), true, StandardCharsets.UTF_8))
                .setErr(new java.io.PrintWriter(environment.err(), true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(new UsageErrors())
                .setExecutionExceptionHandler((failure, command, result) -> report(environment, failure));
        try {
            return line.execute(args);
        } finally {
            environment.out().flush();
            environment.err().flush();
        }
    }

    private static int report(Environment environment, Exception thrown) {
        BuildFailure failure = Failures.of(thrown);
        Failures.print(failure, environment.err());
        return ExitCode.of(failure.fault()).status();
    }
}
