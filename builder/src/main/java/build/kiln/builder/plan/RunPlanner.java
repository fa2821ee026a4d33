package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.instruction.CommandLine;
import build.kiln.builder.dockerfile.instruction.CommandLine.ExecForm;
import build.kiln.builder.dockerfile.instruction.CommandLine.ShellForm;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Heredoc;
import build.kiln.builder.dockerfile.parser.HeredocWord;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.dockerfile.words.Words;
import build.kiln.builder.failure.DockerfileFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Plans a RUN.
final class RunPlanner {

    private static final String PIPES = "/dev/pipes/";

    private final StagePlanner stage;
    private final StageDraft.Command command;
    private final Origin origin;

    /// What a RUN executes.
    ///
    /// @param script a heredoc that is a file of its own; null if there is none
    /// @param summary what is shown of a heredoc
    private record Invocation(List<String> args, Step.Mount.@Nullable Inline script, String summary) {}

    RunPlanner(StagePlanner stage, StageDraft.Command command) {
        this.stage = stage;
        this.command = command;
        this.origin = command.instruction().origin();
    }

    void run(Instruction.Run run) {
        Invocation invocation = invocation(run.command());
        MountPlanner mounts = new MountPlanner(stage, command, run);
        mounts.plan();
        if (invocation.script() != null) {
            mounts.addScript(invocation.script());
        }
        run.options().devices().forEach(device -> {
            if (!stage.build.request().allowsDevice(device.name())) {
                throw notAllowed("--device=" + device.name(), "device or --allow device=" + device.name());
            }
        });
        Step.Network network = network(run.options().network());
        Step.Security security = security(run.options().security());

        StageState state = stage.state;
        String history = "RUN " + state.argumentsText() + String.join(" ", invocation.args()) + " # buildkit";
        char escape = stage.build.scope().dockerfile().escape();
        String shown = StagePlanner.shown(
                Words.forDisplay(escape),
                origin.text() + invocation.summary(),
                masked(mounts.secretVariables(), state.variables));
        List<String> environment = mounts.environment();
        List<String> proxies = new ArrayList<>(stage.build.proxies());
        proxies.removeAll(environment);
        environment.removeIf(
                one -> proxies.stream().anyMatch(proxy -> key(proxy).equals(key(one))));
        Step step = new Step.Run(
                stage.labels.next(command, shown),
                invocation.args(),
                environment,
                state.image.user,
                state.workingDir(),
                null,
                mounts.sorted(),
                network,
                security,
                proxies,
                run.options().devices().stream()
                        .map(device -> new Step.Device(device.name(), device.required()))
                        .toList(),
                stage.alwaysRuns);
        stage.step(step, history, "mount / from exec " + String.join(" ", invocation.args()));
    }

    private Invocation invocation(CommandLine command) {
        return switch (command) {
            case ExecForm(List<String> args) -> {
                if (args.isEmpty()) {
                    throw origin.failure("RUN has an empty list and so no program.", "Name one: RUN [\"make\"].");
                }
                yield new Invocation(args, null, "");
            }
            case ShellForm(String line, List<Heredoc> heredocs) ->
                heredocs.isEmpty()
                        ? new Invocation(stage.state.image.withShell(line), null, "")
                        : heredocs(line, heredocs);
        };
    }

    /// A line that is one heredoc and nothing else is a script; anything else is the shell's to understand.
    private Invocation heredocs(String line, List<Heredoc> heredocs) {
        ImageDraft image = stage.state.image;
        Heredoc first = heredocs.getFirst();
        if (HeredocWord.parse(line).isEmpty()) {
            StringBuilder whole = new StringBuilder(line);
            heredocs.forEach(one -> whole.append('\n').append(one.content()).append(one.name()));
            return new Invocation(image.withShell(whole.toString()), null, "");
        }
        String summary = " (" + firstLine(first.content()) + ")";
        if (!image.isWindows() && first.text().startsWith("#!")) {
            String path = PIPES + first.name();
            return new Invocation(image.withShell(path), new Step.Mount.Inline(path, first.text(), 0755), summary);
        }
        return new Invocation(image.withShell(first.text()), null, summary);
    }

    private static String key(String assignment) {
        return assignment.substring(0, assignment.indexOf('='));
    }

    private static String firstLine(String text) {
        String trimmed = text.strip();
        int end = trimmed.indexOf('\n');
        return end < 0 ? trimmed : trimmed.substring(0, end).replace("\r", "") + "...";
    }

    private Step.Network network(Instruction.Run.Network wanted) {
        Step.Network network = switch (wanted) {
            case DEFAULT -> stage.build.request().network();
            case NONE -> Step.Network.NONE;
            case HOST -> Step.Network.HOST;
        };
        switch (network) {
            case DEFAULT, NONE -> {}
            case HOST -> require(PlanRequest.Entitlement.NETWORK_HOST, "--network=host");
        }
        return network;
    }

    private Step.Security security(Instruction.Run.Security wanted) {
        return switch (wanted) {
            case SANDBOX -> Step.Security.SANDBOX;
            case INSECURE -> {
                require(PlanRequest.Entitlement.SECURITY_INSECURE, "--security=insecure");
                yield Step.Security.INSECURE;
            }
        };
    }

    private void require(PlanRequest.Entitlement entitlement, String flag) {
        if (!stage.build.request().allowed().contains(entitlement)) {
            throw notAllowed(flag, entitlement.word());
        }
    }

    private DockerfileFailure notAllowed(String flag, String entitlement) {
        return origin.failure(
                "RUN asks for " + flag + ", which this build does not allow.",
                "If you trust the Dockerfile, build with --allow " + entitlement + ".");
    }

    /// A secret's value is not known here; where its variable is shown, stars stand for it.
    private static Environment masked(Set<String> secrets, Environment variables) {
        return name -> secrets.contains(name) ? "****" : variables.get(name);
    }
}
