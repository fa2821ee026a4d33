package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.instruction.CommandLine;
import build.kiln.builder.dockerfile.instruction.CommandLine.ExecForm;
import build.kiln.builder.dockerfile.instruction.CommandLine.ShellForm;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.oci.Healthcheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The instructions that change the image's config and make no layer.
final class ConfigInstructions {

    private ConfigInstructions() {}

    static void env(StagePlanner stage, Instruction.Env instruction) {
        StringBuilder history = new StringBuilder("ENV");
        for (Instruction.Pair pair : expand(stage, instruction.origin(), instruction.pairs())) {
            stage.state.variables.set(pair.name(), pair.value());
            stage.state.image.setEnv(pair.name(), pair.value());
            history.append(' ').append(pair.name()).append('=').append(pair.value());
        }
        stage.emptyHistory(history.toString());
    }

    static void label(StagePlanner stage, Instruction.Label instruction) {
        StringBuilder history = new StringBuilder("LABEL");
        for (Instruction.Pair pair : expand(stage, instruction.origin(), instruction.pairs())) {
            stage.state.image.labels.put(pair.name(), pair.value());
            history.append(' ').append(pair.name()).append('=').append(pair.value());
        }
        stage.emptyHistory(history.toString());
    }

    /// All pairs see the variables as they were before the instruction.
    private static List<Instruction.Pair> expand(StagePlanner stage, Origin origin, List<Instruction.Pair> pairs) {
        return pairs.stream()
                .map(pair -> new Instruction.Pair(
                        stage.expand(origin, pair.name()), stage.expand(origin, pair.value()), pair.spaced()))
                .toList();
    }

    static void cmd(StagePlanner stage, Instruction.Cmd instruction) {
        List<String> args = args(stage, instruction.command());
        stage.state.image.cmd = args;
        stage.state.image.argsEscaped = true;
        stage.state.cmdSet = true;
        stage.emptyHistory("CMD " + GoText.quotedList(args));
    }

    /// A base image's CMD was meant for its own ENTRYPOINT.
    static void entrypoint(StagePlanner stage, Instruction.Entrypoint instruction) {
        List<String> args = args(stage, instruction.command());
        stage.state.image.entrypoint = args;
        if (!stage.state.cmdSet) {
            stage.state.image.cmd = null;
        }
        stage.emptyHistory("ENTRYPOINT " + GoText.quotedList(args));
    }

    private static List<String> args(StagePlanner stage, CommandLine command) {
        return switch (command) {
            case ExecForm(List<String> args) -> args;
            case ShellForm shell -> stage.state.image.withShell(shell.line());
        };
    }

    static void expose(StagePlanner stage, Instruction.Expose instruction) {
        List<String> words = new ArrayList<>();
        instruction.ports().forEach(port -> words.addAll(stage.expandToWords(instruction.origin(), port)));
        List<String> ports = ExposedPorts.parse(instruction.origin(), words);
        stage.state.image.exposedPorts.addAll(ports);
        stage.emptyHistory("EXPOSE " + GoText.list(ports));
    }

    static void healthcheck(StagePlanner stage, Instruction.Healthcheck instruction) {
        Healthcheck check = switch (instruction.check()) {
            case Instruction.Healthcheck.Check.None() ->
                new Healthcheck(List.of("NONE"), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);
            case Instruction.Healthcheck.Check.Probe probe ->
                new Healthcheck(
                        test(probe.command()),
                        probe.interval(),
                        probe.timeout(),
                        probe.startPeriod(),
                        probe.startInterval(),
                        probe.retries());
        };
        stage.state.image.healthcheck = check;
        stage.emptyHistory("HEALTHCHECK {Test:" + GoText.list(check.test())
                + " Interval:" + GoText.duration(check.interval())
                + " Timeout:" + GoText.duration(check.timeout())
                + " StartPeriod:" + GoText.duration(check.startPeriod())
                + " StartInterval:" + GoText.duration(check.startInterval())
                + " Retries:" + check.retries() + "}");
    }

    private static List<String> test(CommandLine command) {
        List<String> test = new ArrayList<>();
        switch (command) {
            case ExecForm(List<String> args) -> {
                test.add("CMD");
                test.addAll(args);
            }
            case ShellForm shell -> {
                test.add("CMD-SHELL");
                test.add(shell.line());
            }
        }
        return test;
    }

    static void maintainer(StagePlanner stage, Instruction.Maintainer instruction) {
        stage.state.image.author = instruction.name();
        stage.emptyHistory("MAINTAINER " + instruction.name());
    }

    static void shell(StagePlanner stage, Instruction.Shell instruction) {
        stage.state.image.shell = instruction.args();
        stage.emptyHistory("SHELL " + GoText.list(instruction.args()));
    }

    static void stopSignal(StagePlanner stage, Instruction.StopSignal instruction) {
        String signal = stage.expand(instruction.origin(), instruction.signal());
        if (!Signals.isSignal(signal)) {
            throw instruction
                    .origin()
                    .failure(
                            "STOPSIGNAL names \"" + signal + "\", which is no signal.",
                            "Write a name such as SIGTERM, or a number.");
        }
        stage.state.image.stopSignal = signal;
        stage.emptyHistory("STOPSIGNAL " + signal);
    }

    static void user(StagePlanner stage, Instruction.User instruction) {
        String user = stage.expand(instruction.origin(), instruction.user());
        stage.state.image.user = user;
        stage.emptyHistory("USER " + user);
    }

    static void volume(StagePlanner stage, Instruction.Volume instruction) {
        List<String> paths = instruction.paths().stream()
                .map(path -> stage.expand(instruction.origin(), path))
                .toList();
        if (paths.contains("")) {
            throw instruction
                    .origin()
                    .failure(
                            "VOLUME has a path of which nothing is left after its variables are put in.",
                            "Give the variable a value, or remove it.");
        }
        stage.state.image.volumes.addAll(paths);
        stage.emptyHistory("VOLUME " + GoText.list(paths));
    }
}
