package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.parser.Origin;
import java.util.Locale;

/// Numbers the steps of a stage, and says how they are shown.
final class StepLabels {

    private final String stage;
    private final int total;
    private int number;

    private StepLabels(String stage, int total, int number) {
        this.stage = stage;
        this.total = total;
        this.number = number;
    }

    /// @param stage what is shown before the numbers; empty for nothing
    static StepLabels of(StageDraft draft, String stage) {
        boolean pulls = draft.base == null && !draft.baseName.equals("scratch");
        int total = pulls ? 1 : 0;
        for (StageDraft.Command command : draft.commands) {
            if (isCounted(command.instruction())) {
                total++;
            }
        }
        return new StepLabels(stage, total, pulls ? 1 : 0);
    }

    private static boolean isCounted(Instruction instruction) {
        return instruction instanceof Instruction.Add
                || instruction instanceof Instruction.Copy
                || instruction instanceof Instruction.Run
                || instruction instanceof Instruction.Workdir;
    }

    /// The next step's label.
    ///
    /// @param text the instruction after expansion
    Step.Label next(StageDraft.Command command, String text) {
        number++;
        Origin origin = command.instruction().origin();
        int blank = text.indexOf(' ');
        String shown = blank < 0
                ? text.toUpperCase(Locale.ROOT)
                : text.substring(0, blank).toUpperCase(Locale.ROOT) + text.substring(blank);
        return new Step.Label(
                stage,
                number,
                total,
                (command.trigger() ? "ONBUILD " : "") + shown,
                origin.lines().first(),
                origin.firstLine());
    }
}
