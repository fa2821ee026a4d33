package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stage while the plan is made: what it starts from and what its instructions read, then its state.
final class StageDraft {

    /// An instruction with the sources that its words name.
    ///
    /// @param trigger true if it is an ONBUILD trigger of the base
    /// @param reads of a COPY its one source; of a RUN one for each mount
    record Command(Instruction instruction, boolean trigger, List<FileOrigin> reads) {

        Command {
            reads = List.copyOf(reads);
        }
    }

    final Stage stage;

    /// What it starts from, expanded.
    final String baseName;

    /// The value of `--platform`; null if it has none.
    final @Nullable Platform wantedPlatform;

    /// The stage that it starts from; null if it starts from an image or nothing.
    final @Nullable StageDraft base;

    /// True if a named context stands in for the whole stage.
    final boolean replaced;

    final List<Command> commands = new ArrayList<>();
    boolean triggersAdded;

    /// Null until its base is looked up, or it inherits that of its base.
    @Nullable
    StageState state;

    boolean planned;

    StageDraft(
            Stage stage,
            String baseName,
            @Nullable Platform wantedPlatform,
            @Nullable StageDraft base,
            boolean replaced) {
        this.stage = stage;
        this.baseName = baseName;
        this.wantedPlatform = wantedPlatform;
        this.base = base;
        this.replaced = replaced;
    }

    int index() {
        return stage.index();
    }

    /// As messages call it.
    String title() {
        return stage.name().isEmpty() ? "stage-" + stage.index() : stage.name();
    }

    /// The stages that have to be finished before this one.
    List<StageDraft> needs() {
        List<StageDraft> all = new ArrayList<>();
        if (base != null) {
            all.add(base);
        }
        all.addAll(reads());
        return all;
    }

    /// The stages whose files its instructions read.
    List<StageDraft> reads() {
        List<StageDraft> all = new ArrayList<>();
        for (Command command : commands) {
            for (FileOrigin origin : command.reads()) {
                if (origin instanceof FileOrigin.OfStage(StageDraft read)) {
                    all.add(read);
                }
            }
        }
        return all;
    }
}
