package build.kiln.builder.plan;

import build.kiln.builder.dockerfile.Dockerfile;
import build.kiln.builder.dockerfile.instruction.Instruction;
import build.kiln.builder.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Finds out what the needed stages start from, and puts the ONBUILD triggers of their bases before their instructions.
final class StageBases {

    private final StageGraph graph;
    private final GlobalScope scope;
    private final PlanRequest request;
    private final Images images;

    StageBases(StageGraph graph, GlobalScope scope, PlanRequest request, Images images) {
        this.graph = graph;
        this.scope = scope;
        this.request = request;
        this.images = images;
    }

    /// @return the stages that the target needs, triggers included
    Set<StageDraft> resolve(StageDraft target) {
        while (true) {
            Set<StageDraft> needed = StageGraph.neededBy(target);
            boolean newReads = false;
            for (StageDraft draft : graph.stages()) {
                if (draft.base == null && draft.state == null) {
                    if (needed.contains(draft)) {
                        draft.state = start(draft);
                    } else if (!draft.replaced) {
                        images.checkReference(draft.baseName, draft.stage.origin());
                    }
                }
            }
            for (StageDraft draft : graph.stages()) {
                if (needed.contains(draft) && !draft.triggersAdded) {
                    draft.triggersAdded = true;
                    newReads |= addTriggers(draft);
                }
            }
            if (!newReads) {
                return needed;
            }
        }
    }

    private StageState start(StageDraft draft) {
        Platform platform = draft.wantedPlatform != null ? draft.wantedPlatform : scope.target();
        String name = draft.replaced ? draft.stage.name() : draft.baseName;
        return switch (images.find(name, platform, draft.stage.origin())) {
            case Images.Found.Nothing() ->
                StageState.first(
                        new StageBase.Scratch(),
                        scope.target(),
                        draft.replaced ? ImageDraft.nameless() : ImageDraft.scratch(scope.target()));
            case Images.Found.Image(BaseImage image) -> startFrom(draft, image, platform);
            case Images.Found.Tree(String context) -> startFromTree(draft, context, platform);
        };
    }

    private StageState startFrom(StageDraft draft, BaseImage image, Platform platform) {
        Platform own = image.config().platform();
        boolean asIs = draft.replaced
                || draft.wantedPlatform == null && !scope.platformNamed() && own.equals(request.buildPlatform());
        return StageState.first(new StageBase.Image(image), asIs ? own : platform, ImageDraft.of(image.config()));
    }

    private StageState startFromTree(StageDraft draft, String context, Platform platform) {
        ImageDraft image = draft.replaced ? ImageDraft.nameless() : ImageDraft.scratch(platform);
        StageState state = StageState.first(new StageBase.Scratch(), platform, image);
        String text = "FROM " + context;
        state.steps.add(new Step.Copy(
                new Step.Label(
                        draft.title(),
                        1,
                        1,
                        text,
                        draft.stage.origin().lines().first(),
                        draft.stage.origin().firstLine()),
                List.of(new Step.CopySource.Files(new FileSource.NamedContext(context), "/", false)),
                "/",
                null,
                null,
                false,
                false,
                List.of(),
                "/",
                false));
        state.layerDescriptions.add(text);
        return state;
    }

    /// Triggers of the base image, or of the stage that this one starts from.
    private boolean addTriggers(StageDraft draft) {
        List<String> triggers = new ArrayList<>();
        if (draft.base != null) {
            for (StageDraft.Command command : draft.base.commands) {
                if (command.instruction() instanceof Instruction.OnBuild onBuild) {
                    triggers.add(onBuild.trigger());
                }
            }
        } else if (draft.state != null) {
            triggers.addAll(draft.state.image.onBuild);
            draft.state.image.onBuild.clear();
        }
        if (triggers.isEmpty() || draft.replaced) {
            return false;
        }
        List<Instruction> instructions = triggers.stream()
                .map(trigger -> Dockerfile.parseTrigger(draft.stage.origin(), trigger))
                .toList();
        return graph.prepend(draft, instructions);
    }
}
