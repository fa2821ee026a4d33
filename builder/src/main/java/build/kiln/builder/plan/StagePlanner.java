package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.BadWordException;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.dockerfile.words.Words;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Applies a stage's instructions, one after the other, to its state.
final class StagePlanner {

    /// What all stages of a build share.
    record Build(GlobalScope scope, PlanRequest request, Images images, List<String> proxies) {}

    final Build build;
    final StageDraft draft;
    final StageState state;
    final StepLabels labels;
    final boolean alwaysRuns;

    StagePlanner(Build build, StageDraft draft, StageState state, StepLabels labels) {
        this.build = build;
        this.draft = draft;
        this.state = state;
        this.labels = labels;
        this.alwaysRuns = build.request().noCache().includes(draft.stage.name());
    }

    /// A stage that a named context replaces is what that context is, and nothing more.
    void plan() {
        if (draft.replaced) {
            return;
        }
        state.image.requirePath();
        state.variables.setAll(state.image.env);
        if (!state.image.workingDir.isEmpty()) {
            state.image.workingDir = WorkingDirs.resolve(state.image, state.image.workingDir);
        }
        draft.commands.forEach(this::apply);
    }

    private void apply(StageDraft.Command command) {
        switch (command.instruction()) {
            case Instruction.Add add -> new CopyPlanner(this, command).add(add);
            case Instruction.Copy copy -> new CopyPlanner(this, command).copy(copy);
            case Instruction.Run run -> new RunPlanner(this, command).run(run);
            case Instruction.Workdir workdir -> workdir(command, workdir);
            case Instruction.Arg arg -> arg(arg);
            case Instruction.Env env -> ConfigInstructions.env(this, env);
            case Instruction.Label label -> ConfigInstructions.label(this, label);
            case Instruction.Cmd cmd -> ConfigInstructions.cmd(this, cmd);
            case Instruction.Entrypoint entrypoint -> ConfigInstructions.entrypoint(this, entrypoint);
            case Instruction.Expose expose -> ConfigInstructions.expose(this, expose);
            case Instruction.Healthcheck check -> ConfigInstructions.healthcheck(this, check);
            case Instruction.Maintainer maintainer -> ConfigInstructions.maintainer(this, maintainer);
            case Instruction.OnBuild onBuild -> state.image.onBuild.add(onBuild.trigger());
            case Instruction.Shell shell -> ConfigInstructions.shell(this, shell);
            case Instruction.StopSignal signal -> ConfigInstructions.stopSignal(this, signal);
            case Instruction.User user -> ConfigInstructions.user(this, user);
            case Instruction.Volume volume -> ConfigInstructions.volume(this, volume);
        }
    }

    /// One word, with the variables that are set at this point.
    String expand(Origin origin, String word) {
        return build.scope().dockerfile().expand(origin, word, state.variables).text();
    }

    /// One word that may become several, or none.
    List<String> expandToWords(Origin origin, String word) {
        return build.scope().dockerfile().expand(origin, word, state.variables).words();
    }

    /// The text of a heredoc that a COPY or ADD writes.
    String expandHeredoc(Origin origin, String text) {
        return Dockerfile.expand(Words.ofHeredoc(), origin, text, state.variables)
                .text();
    }

    /// An instruction as it is shown: with its variables, if they can be put in.
    static String shown(Words words, String text, Environment variables) {
        try {
            return words.expand(text, variables).text();
        } catch (BadWordException e) {
            return text;
        }
    }

    /// Whose files an instruction reads.
    ///
    /// @param flag how the instruction names it, for the failure's message
    FileSource files(FileOrigin from, Origin origin, String flag) {
        return switch (from) {
            case FileOrigin.MainContext() -> new FileSource.Context();
            case FileOrigin.OfName(String name) ->
                build.images().files(name, build.scope().target(), origin);
            case FileOrigin.OfStage(StageDraft source) -> {
                if (!source.planned) {
                    throw origin.failure(
                            flag + ", and the stage \"" + source.title() + "\" comes after this one, \"" + draft.title()
                                    + "\".",
                            "Move \"" + source.title() + "\" before it.");
                }
                yield new FileSource.Stage(source.index());
            }
        };
    }

    void emptyHistory(String createdBy) {
        state.image.addEmptyHistory(createdBy, build.scope().epoch());
    }

    /// Adds the step and its entry in the history.
    void step(Step step, String createdBy, String description) {
        state.steps.add(step);
        state.image.addLayerHistory(createdBy, build.scope().epoch());
        state.layerDescriptions.add(description);
    }

    private void workdir(StageDraft.Command command, Instruction.Workdir instruction) {
        String path = expand(instruction.origin(), instruction.path());
        String written = WorkingDirs.resolve(state.image, path);
        state.image.workingDir = written;
        String shownPath = written.replace('\\', '/');
        if (shownPath.equals("/")) {
            emptyHistory("WORKDIR /");
            return;
        }
        Step.Label label = labels.next(
                command,
                shown(
                        Words.ofInstruction(build.scope().dockerfile().escape()),
                        instruction.origin().text(),
                        state.variables));
        Step step = new Step.Workdir(label, GuestPath.clean(shownPath), state.image.user, false);
        this.step(step, "WORKDIR " + shownPath, "mkdir " + shownPath);
    }

    private void arg(Instruction.Arg instruction) {
        StringBuilder history = new StringBuilder("ARG");
        for (Instruction.Arg.Declaration one : instruction.declarations()) {
            String value = argumentValue(instruction.origin(), one);
            if (value != null && !isForScannersOnly(one.name())) {
                state.variables.set(one.name(), value);
            }
            state.arguments.put(one.name(), value);
            history.append(' ').append(one.name());
            if (value != null) {
                history.append('=').append(value);
            }
        }
        emptyHistory(history.toString());
    }

    private @Nullable String argumentValue(Origin origin, Instruction.Arg.Declaration one) {
        String given = build.scope().buildArgs().get(one.name());
        if (given != null) {
            return given;
        }
        return one.value() != null
                ? expand(origin, one.value())
                : build.scope().variables().get(one.name());
    }

    /// Arguments that speak to what scans an image; no RUN sees them.
    private static boolean isForScannersOnly(String name) {
        return name.equals("BUILDKIT_SBOM_SCAN_CONTEXT") || name.equals("BUILDKIT_SBOM_SCAN_STAGE");
    }
}
