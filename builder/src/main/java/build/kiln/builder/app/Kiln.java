package build.kiln.builder.app;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.linux.Sha256;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// The builder's entry: `kiln build` for people, `kiln build-pod` for the pod that the operator makes.
public final class Kiln {

    private Kiln() {}

    public static void main(String[] args) {
        bindLibraries();
        PrintStream out = new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.err), false, StandardCharsets.UTF_8);
        Environment environment = new Environment(System.getenv(), System.in, out, err, Clock.systemUTC());
        end(run(environment, args));
    }

    /// Ends without more ado: [System#exit] looks for somebody who logs exits first, in every jar. If a signal is about
    /// to
    /// end the builder already, what it has still to do is waited for.
    private static void end(int status) {
        Thread nothing = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(nothing);
        } catch (IllegalStateException underWay) {
            System.exit(status);
        }
        Runtime.getRuntime().halt(status);
    }

    /// Binds the functions of C that every command calls, which takes a fiftieth of a second, while the arguments are
    /// read.
    private static void bindLibraries() {
        Thread.ofPlatform().daemon().name("bind").start(Sha256::newHash);
    }

    /// The whole program but its exit.
    static int run(Environment environment, String... args) {
        CommandLine line = new CommandLine(command(environment, args.length == 0 ? "" : args[0]), new Instances())
                .setOut(new java.io.PrintWriter(environment.out(), true, StandardCharsets.UTF_8))
                .setErr(new java.io.PrintWriter(environment.err(), true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Path.class, Path::of) // its own goes by way of reflection
                .setParameterExceptionHandler(new UsageErrors())
                .setExecutionExceptionHandler((failure, command, result) -> report(environment, failure));
        try {
            return line.execute(args);
        } finally {
            environment.out().flush();
            environment.err().flush();
        }
    }

    /// With the subcommand that is asked for and no other, which would only take time; with all of them if there is
    /// none
    /// such, so that the nearest name can be given.
    private static CommandSpec command(Environment environment, String asked) {
        Map<String, Supplier<CommandLine>> all = new LinkedHashMap<>();
        all.put("build", () -> new CommandLine(new BuildCommand(environment).spec(), new Instances()));
        all.put("cache", () -> new CommandLine(new CacheCommand(environment)));
        all.put("doctor", () -> new CommandLine(new DoctorCommand(environment)));
        all.put("build-pod", () -> new CommandLine(new BuildPodCommand(environment).spec(), new Instances()));
        all.put("train", () -> new CommandLine(new TrainCommand(environment)));
        CommandSpec kiln =
                CommandSpec.wrapWithoutInspection(null, new Instances()).name("kiln");
        kiln.usageMessage().description("Builds container images.");
        all.forEach((name, command) -> {
            if (name.equals(asked) || !all.containsKey(asked)) {
                kiln.addSubcommand(name, command.get());
            }
        });
        return kiln;
    }

    private static int report(Environment environment, Exception thrown) {
        BuildFailure failure = Failures.of(thrown);
        Failures.print(failure, environment.err());
        return ExitCode.of(failure.fault()).status();
    }
}
