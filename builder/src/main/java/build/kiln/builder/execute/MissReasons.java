package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.cache.StepRecord;
import build.kiln.builder.cache.miss.LastBuild;
import build.kiln.builder.cache.miss.MissReason;
import build.kiln.builder.cache.miss.SameInstructions;
import build.kiln.builder.cache.miss.StepFacts;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.CanonicalStep;
import build.kiln.builder.plan.PlannedStage;
import build.kiln.builder.plan.StageBase;
import build.kiln.builder.plan.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Says of each step of one stage why it was not in the cache, and keeps for the next build what this one was made
/// from.
///
/// A stage whose steps are all as they were costs the reading of one line.
final class MissReasons {

    private final BuildJob job;
    private final PlannedStage planned;
    private final LastBuild last;
    private final StepFacts.Start start;
    private final Map<Step, Look> looks = new LinkedHashMap<>();
    private @Nullable List<Optional<StepFacts>> before;

    /// @param parent what the stage starts from
    MissReasons(BuildJob job, PlannedStage planned, Chain parent, Cache cache) {
        this.job = job;
        this.planned = planned;
        this.last = LastBuild.of(
                cache,
                String.join("\n", job.identity(), job.dockerfileName(), planned.name(), "" + planned.platform()));
        this.start = start(planned.base(), parent);
    }

    private StepFacts.Start start(StageBase base, Chain parent) {
        int layers = parent.layers().size();
        return switch (base) {
            case StageBase.Scratch() -> new StepFacts.Start("scratch", "", layers);
            case StageBase.Image(var image) ->
                new StepFacts.Start(image.name(), image.manifest().toString(), layers);
            case StageBase.Stage(int index) ->
                new StepFacts.Start("stage " + job.plan().stage(index).name(), "", layers);
        };
    }

    /// Whether no build of this stage has come to its end on this volume.
    boolean isFirst() {
        return last.isAbsent();
    }

    /// A step whose inputs are known, so far as they can be told without reading stages.
    void look(Step step, List<DiffId> below, CacheKey key, StepWork work) {
        looks.put(step, new Look(step, below, key, work));
    }

    /// The step has to run: finds out why, and says so.
    ///
    /// @param contents of what it reads
    /// @param lost what became of a record that was found and is of no use; empty if there was none
    void missed(Step step, Map<String, Digest> contents, String lost, Progress.Activity activity) {
        Look look = lookOf(step);
        look.inputs = contents;
        look.missReason = step.alwaysRuns() ? MissReason.NO_CACHE : lost.isEmpty() ? look.compared() : lost;
        if (!look.missReason.isEmpty()) {
            activity.note("MISS " + look.missReason);
        }
    }

    /// The step was in the cache, or has run and is recorded now.
    void finished(Step step, StepRecord record) {
        Look look = lookOf(step);
        look.inputs = record.inputs();
        look.state = StepFacts.State.FINISHED;
    }

    /// Why the step had to run; empty if it had not, or if there is nothing to compare it with.
    String of(Step step) {
        return lookOf(step).missReason;
    }

    private Look lookOf(Step step) {
        return Objects.requireNonNull(looks.get(step));
    }

    /// One step that was looked up.
    private final class Look {

        private final Step step;
        private final List<DiffId> below;
        private final CacheKey key;
        private final StepWork work;
        private Map<String, Digest> inputs = Map.of();
        private StepFacts.State state = StepFacts.State.STARTED;
        private String missReason = "";

        private Look(Step step, List<DiffId> below, CacheKey key, StepWork work) {
            this.step = step;
            this.below = below;
            this.key = key;
            this.work = work;
        }

        /// What has changed since the last build.
        private String compared() {
            List<Optional<StepFacts>> all = before();
            if (all.isEmpty()) {
                return "";
            }
            return all.get(planned.steps().indexOf(step))
                    .map(was -> MissReason.of(was, facts(), instructions(), variables()))
                    .orElse(MissReason.NEW);
        }

        private StepFacts facts() {
            return StepFacts.of(
                    step.label().text(),
                    step.label().lineText(),
                    start,
                    below,
                    CanonicalStep.of(step),
                    inputs,
                    job.epochOrigin() == BuildJob.EpochOrigin.DERIVED ? null : job.epoch(),
                    work.files(),
                    state);
        }
    }

    /// Keeps what this build was made from, if it was not the same the last time.
    void keep() {
        String summary = LastBuild.summary(
                looks.values().stream().map(look -> look.state + " " + look.key).toList());
        if (looks.isEmpty() || last.had(summary)) {
            return;
        }
        List<Optional<StepFacts>> known = before();
        List<StepFacts> kept = new ArrayList<>();
        for (int i = 0; i < planned.steps().size(); i++) {
            Optional<StepFacts> was = known.isEmpty() ? Optional.empty() : known.get(i);
            Look look = looks.get(planned.steps().get(i));
            if (look != null) {
                StepFacts facts = look.facts();
                kept.add(was.map(facts::withFilesOf).orElse(facts));
            } else {
                was.ifPresent(kept::add); // The build did not come that far.
            }
        }
        last.keep(summary, kept);
    }

    /// Of each step of the plan what it was in the last build; empty if there was none.
    private List<Optional<StepFacts>> before() {
        List<Optional<StepFacts>> known = before;
        if (known == null) {
            List<StepFacts> steps = last.steps();
            known = steps.isEmpty() ? List.of() : SameInstructions.of(steps, written());
            before = known;
        }
        return known;
    }

    private List<SameInstructions.Written> written() {
        return planned.steps().stream()
                .map(step -> new SameInstructions.Written(
                        StepFacts.keyword(step.label().text()), step.label().lineText()))
                .toList();
    }

    private List<String> instructions() {
        return planned.steps().stream().map(step -> step.label().text()).toList();
    }

    private List<String> variables() {
        return planned.image().config().env().stream()
                .map(one -> one.substring(0, Math.max(0, one.indexOf('='))))
                .toList();
    }
}
