package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.Stage;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.dockerfile.instruction.MountFlag;
import build.kiln.builder.dockerfile.parser.Origin;
import build.kiln.builder.dockerfile.words.Environment;
import build.kiln.builder.dockerfile.words.Expansion;
import build.kiln.builder.dockerfile.words.NearestWord;
import build.kiln.builder.failure.DockerfileFailure;
import build.kiln.builder.failure.Reason;
import build.kiln.builder.oci.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The stages of a Dockerfile, and which of them reads which.
final class StageGraph {

    private final Dockerfile dockerfile;
    private final GlobalScope scope;
    private final Contexts contexts;
    private final List<StageDraft> stages = new ArrayList<>();
    private final Map<String, StageDraft> byName = new HashMap<>();

    private StageGraph(Dockerfile dockerfile, GlobalScope scope, Contexts contexts) {
        this.dockerfile = dockerfile;
        this.scope = scope;
        this.contexts = contexts;
    }

    static StageGraph of(Dockerfile dockerfile, GlobalScope scope, Contexts contexts) {
        StageGraph graph = new StageGraph(dockerfile, scope, contexts);
        dockerfile.stages().forEach(graph::add);
        for (StageDraft draft : graph.stages) {
            draft.stage.instructions().forEach(one -> draft.commands.add(graph.command(one, false)));
        }
        graph.requireNoCycle();
        return graph;
    }

    /// In the Dockerfile's order.
    List<StageDraft> stages() {
        return stages;
    }

    /// @throws DockerfileFailure `TargetNotFound`
    StageDraft target(String wanted) {
        if (wanted.isEmpty()) {
            return stages.getLast();
        }
        StageDraft named = byName.get(wanted.toLowerCase(Locale.ROOT));
        if (named != null) {
            return named;
        }
        if (wanted.matches("[0-9]{1,6}") && Integer.parseInt(wanted) < stages.size()) {
            return stages.get(Integer.parseInt(wanted));
        }
        throw new DockerfileFailure(
                Reason.TargetNotFound,
                dockerfile.name(),
                0,
                "",
                "The target \"" + wanted + "\" is not a stage of the Dockerfile.",
                NearestWord.advice(wanted, stageNames(), stagesAdvice()));
    }

    /// The target and everything that it needs.
    static Set<StageDraft> neededBy(StageDraft target) {
        Set<StageDraft> needed = new LinkedHashSet<>();
        collect(target, needed);
        return needed;
    }

    /// Puts ONBUILD triggers before a stage's own instructions.
    ///
    /// @return true if one of them reads other files than the context's
    boolean prepend(StageDraft draft, List<Instruction> triggers) {
        List<StageDraft.Command> commands = new ArrayList<>();
        triggers.forEach(one -> commands.add(command(one, true)));
        draft.commands.addAll(0, commands);
        requireNoCycle();
        return commands.stream().anyMatch(one -> !one.reads().isEmpty());
    }

    /// True if steps need not say which stage they are of, since there is only one.
    boolean hasOneStage() {
        return stages.size() == 1
                && stages.getFirst().commands.stream()
                        .allMatch(one -> one.reads().isEmpty());
    }

    List<String> stageNames() {
        return stages.stream()
                .map(draft -> draft.stage.name())
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
    }

    private String stagesAdvice() {
        List<String> names = stageNames();
        return names.isEmpty()
                ? "It names no stage; add AS NAME to a FROM."
                : "Its stages are " + String.join(", ", names) + ".";
    }

    private static void collect(StageDraft draft, Set<StageDraft> into) {
        if (into.add(draft) && !draft.replaced) {
            draft.needs().forEach(one -> collect(one, into));
        }
    }

    private void add(Stage stage) {
        Expansion base = dockerfile.expand(stage.origin(), stage.base(), scope.variables());
        if (base.text().isEmpty()) {
            throw stage.origin()
                    .failure(
                            "FROM names the base \"" + stage.base() + "\", of which nothing is left after its "
                                    + "variables are put in.",
                            "Declare the variable with ARG before the first FROM, and give it a value or a default.");
        }
        Platform platform = stage.platform().isEmpty() ? null : platform(stage);
        boolean replaced = !stage.name().isEmpty() && contexts.find(stage.name()) != null;
        StageDraft parent = replaced ? null : byName.get(base.text());
        StageDraft draft = new StageDraft(stage, base.text(), platform, parent, replaced);
        stages.add(draft);
        if (!stage.name().isEmpty()) {
            byName.put(stage.name(), draft);
        }
    }

    private Platform platform(Stage stage) {
        Expansion expanded = dockerfile.expand(stage.origin(), stage.platform(), scope.variables());
        if (expanded.text().isEmpty()) {
            throw stage.origin()
                    .failure(
                            "FROM has --platform=" + stage.platform()
                                    + ", of which nothing is left after its variables are put in.",
                            variableAdvice(expanded));
        }
        try {
            return Platform.parse(expanded.text());
        } catch (IllegalArgumentException e) {
            throw stage.origin()
                    .failure(
                            "FROM has --platform=" + stage.platform() + ", which is \"" + expanded.text()
                                    + "\" and no platform.",
                            variableAdvice(expanded));
        }
    }

    private String variableAdvice(Expansion expanded) {
        for (String name : expanded.unmatched()) {
            return NearestWord.to(name, scope.variables().names())
                    .map(near -> "Did you mean \"" + near + "\"?")
                    .orElse("Declare \"" + name + "\" with ARG before the first FROM, and give it a value.");
        }
        return "Write os/arch or os/arch/variant, for example linux/arm64.";
    }

    private StageDraft.Command command(Instruction instruction, boolean trigger) {
        List<FileOrigin> reads = List.of();
        if (instruction instanceof Instruction.Copy copy && !copy.from().isEmpty()) {
            reads = List.of(copySource(copy));
        } else if (instruction instanceof Instruction.Run run) {
            reads = run.options().mounts().stream().map(this::mountSource).toList();
        }
        return new StageDraft.Command(instruction, trigger, reads);
    }

    private FileOrigin copySource(Instruction.Copy copy) {
        String from = copy.from();
        if (!dockerfile.expand(copy.origin(), from, Environment.empty()).text().equals(from)) {
            throw copy.origin()
                    .failure(
                            "COPY has --from=" + from + ", which cannot hold a variable.",
                            "Add a stage FROM " + from + " AS NAME, with its ARG before the first FROM, and write "
                                    + "--from=NAME.");
        }
        if (from.matches("[+-]?[0-9]{1,9}")) {
            int index = Integer.parseInt(from);
            if (index < 0 || index >= stages.size()) {
                throw copy.origin()
                        .failure(
                                "COPY has --from=" + from + ", and the stages are numbered from 0 to "
                                        + (stages.size() - 1) + ".",
                                "Name the stage instead: FROM … AS NAME, and --from=NAME.");
            }
            return origin(stages.get(index));
        }
        StageDraft named = byName.get(from.toLowerCase(Locale.ROOT));
        return named != null ? origin(named) : new FileOrigin.OfName(from);
    }

    private FileOrigin mountSource(MountFlag mount) {
        if (mount.from().isEmpty()) {
            return new FileOrigin.MainContext();
        }
        StageDraft named = byName.get(mount.from().toLowerCase(Locale.ROOT));
        return named != null ? origin(named) : new FileOrigin.OfName(mount.from());
    }

    private static FileOrigin origin(StageDraft draft) {
        return draft.replaced ? new FileOrigin.OfName(draft.stage.name()) : new FileOrigin.OfStage(draft);
    }

    private void requireNoCycle() {
        Set<StageDraft> finished = new HashSet<>();
        for (StageDraft draft : stages) {
            visit(draft, new LinkedHashSet<>(), finished);
        }
    }

    private static void visit(StageDraft draft, Set<StageDraft> path, Set<StageDraft> finished) {
        if (finished.contains(draft)) {
            return;
        }
        path.add(draft);
        for (StageDraft.Command command : draft.commands) {
            for (FileOrigin read : command.reads()) {
                if (read instanceof FileOrigin.OfStage(StageDraft source)) {
                    if (path.contains(source)) {
                        throw cycle(command.instruction().origin(), draft, source);
                    }
                    visit(source, path, finished);
                }
            }
        }
        path.remove(draft);
        finished.add(draft);
    }

    private static DockerfileFailure cycle(Origin origin, StageDraft draft, StageDraft source) {
        String fact = draft == source
                ? "The stage \"" + draft.title() + "\" reads its own files."
                : "The stage \"" + draft.title() + "\" reads the stage \"" + source.title()
                        + "\", which itself needs \"" + draft.title() + "\".";
        return origin.failure(fact, "Move what both need into a stage before them.");
    }
}
