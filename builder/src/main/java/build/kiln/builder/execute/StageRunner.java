package build.kiln.builder.execute;

import build.kiln.builder.cache.Cache;
import build.kiln.builder.cache.CacheKey;
import build.kiln.builder.cache.StepRecord;
import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.oci.Descriptor;
import build.kiln.builder.oci.DiffId;
import build.kiln.builder.oci.Digest;
import build.kiln.builder.plan.BaseImage;
import build.kiln.builder.plan.CanonicalStep;
import build.kiln.builder.plan.PlannedStage;
import build.kiln.builder.plan.StageBase;
import build.kiln.builder.plan.Step;
import build.kiln.builder.sandbox.Sandbox;
import build.kiln.builder.snapshot.Snapshots;
import build.kiln.builder.source.ContextDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs one stage: step after step, each from the cache if it is there.
record StageRunner(
        BuildJob job,
        Cache cache,
        ImportedSteps imported,
        LayerStore layers,
        LayerMaker maker,
        StepTurns turns,
        FileSources sources,
        ContextDigest digests,
        Supplier<Snapshots> snapshots,
        Supplier<Sandbox> sandbox,
        VolumeRoom room,
        Progress progress,
        Clock clock,
        StageRuns stages,
        Afterwards afterwards,
        Set<Integer> inImage,
        BuildExecutor.LayerListener listener,
        Map<Step, StepResult> results,
        Map<Step, KnownStep> known) {

    private static final String LAYER_GONE = "the layer of its record is gone from the volume";

    Chain run(PlannedStage planned) throws InterruptedException {
        boolean isInImage = inImage.contains(planned.index());
        Chain chain = switch (planned.base()) {
            case StageBase.Scratch() -> Chain.EMPTY;
            case StageBase.Image(BaseImage image) -> FileSources.ofImage(image);
            case StageBase.Stage(int below) -> stages.await(below);
        };
        if (isInImage && !(planned.base() instanceof StageBase.Stage)) {
            chain.layers().forEach(layer -> listener.layer(layer, layers));
        }
        MissReasons reasons = new MissReasons(job, planned, chain, cache);
        LastTurn last = new LastTurn(progress);
        Stage stage = new Stage(planned, isInImage, reasons, new ReadAhead(planned, this::sources, stages), last);
        try (last) {
            if (isNew(stage, chain)) {
                prepareRun(chain, planned.steps());
            }
            for (Step step : planned.steps()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                LayerRef.Made made = run(stage, chain, step);
                chain = chain.plus(made);
                if (isInImage) {
                    listener.layer(made, layers);
                }
            }
            return chain;
        } finally {
            afterwards.run(reasons::keep);
        }
    }

    /// The stage that is run.
    private record Stage(
            PlannedStage planned, boolean isInImage, MissReasons reasons, ReadAhead ahead, LastTurn last) {}

    /// Whether no step of the stage can be there. Of a RUN that comes first another builder may be at work, which is
    /// asked before anything is prepared.
    private boolean isNew(Stage stage, Chain chain) {
        return !stage.planned().steps().isEmpty()
                && !(stage.planned().steps().getFirst() instanceof Step.Run)
                && stage.reasons().isFirst()
                && imported.isEmpty()
                && layers.lacksDirectory(chain);
    }

    private CopySources sources(Step.Copy copy) {
        return new CopySources(
                copy,
                sources,
                digests,
                job.dockerfileName() + ":" + copy.label().line());
    }

    private LayerRef.Made run(Stage stage, Chain parent, Step step) throws InterruptedException {
        StageWork here = new StageWork(
                job,
                stage.planned(),
                parent,
                stage.isInImage(),
                layers,
                maker,
                sources,
                digests,
                snapshots,
                cache.workspace(),
                job.dockerfileName());
        StepWork work = switch (step) {
            case Step.Run run -> new RunWork(run, here, cache, sandbox, room, stage.last(), clock);
            case Step.Copy copy -> new CopyWork(copy, stage.ahead().of(copy), here, cache);
            case Step.Workdir workdir -> new WorkdirWork(workdir, here);
        };
        Progress.Activity activity = progress.start(step);
        try {
            Finished finished = lookUpOrRun(stage, step, work, parent, activity);
            stage.reasons().finished(step, finished.record());
            StepResult result = finished.result().withMissReason(stage.reasons().of(step));
            results.put(step, result);
            known.put(step, finished.known(stage.isInImage()));
            activity.done(result);
            return finished.layer();
        } catch (BuildFailure e) {
            activity.failed(String.valueOf(e.getMessage()));
            throw e;
        } catch (RuntimeException | InterruptedException e) {
            activity.failed("stopped");
            throw e;
        }
    }

    private record Finished(
            LayerRef.Made layer,
            StepResult result,
            CacheKey quick,
            List<CacheKey> keys,
            StepRecord record,
            KnownStep.Origin origin) {

        KnownStep known(boolean isInImage) {
            return new KnownStep(quick, keys, record, layer, origin, isInImage);
        }
    }

    /// A record and where it was.
    private record Hit(StepRecord record, List<CacheKey> keys, KnownStep.Origin origin) {}

    private Finished lookUpOrRun(Stage stage, Step step, StepWork work, Chain parent, Progress.Activity activity)
            throws InterruptedException {
        PlannedStage planned = stage.planned();
        MissReasons reasons = stage.reasons();
        Map<String, Digest> identities = work.identities();
        CacheKey quick = key(step, parent, identities);
        reasons.look(step, below(step, parent), quick, work);
        Optional<Hit> hit = step.alwaysRuns() ? Optional.empty() : find(quick);
        if (hit.isPresent()) {
            return found(hit.get(), quick, work);
        }
        Map<String, Digest> contents = work.contents();
        CacheKey exact = contents.equals(identities) ? quick : key(step, parent, contents);
        hit = step.alwaysRuns() || exact.equals(quick) ? Optional.empty() : find(exact);
        if (hit.isPresent()) {
            if (hit.get().origin() == KnownStep.Origin.VOLUME) {
                cache.record(quick, hit.get().record());
            }
            return found(hit.get(), quick, work);
        }
        stage.ahead().after(step);
        List<CacheKey> keys = List.of(quick, exact);
        Instant waits = clock.instant();
        StepRecord shared;
        StepTurns.StepTurn turn = step.alwaysRuns()
                ? StepTurns.unlocked()
                : turns.take(step, exact, stage.last(), activity, () -> findHere(exact));
        try {
            if (turn.theirs().isEmpty()) {
                boolean isKnown = cache.find(exact).isPresent();
                reasons.missed(step, contents, isKnown ? LAYER_GONE : "", activity);
                prepareRun(parent, from(planned, step));
                LayerMaker followed = isKnown ? maker.unfollowed() : maker;
                LayerMaker by = needsDirectory(planned, step) ? followed.makingDirectories() : followed;
                StepRecord record = runNow(step, work, contents, activity, turn, by);
                if (turn.record(cache, exact, record)) {
                    alias(quick, exact, record);
                    return finished(StepResult.Outcome.RAN, record.took(), record, keys, work);
                }
                // Taken for dead while it ran. If the successor is done, its result is everybody's.
                Optional<StepRecord> successor = findHere(exact);
                if (successor.isEmpty()) {
                    return finished(StepResult.Outcome.RAN, record.took(), record, keys, work);
                }
                shared = successor.get();
            } else {
                shared = turn.theirs().get();
            }
        } finally {
            stage.last().keep(turn);
        }
        alias(quick, exact, shared);
        Duration waited = Duration.between(waits, clock.instant());
        return finished(StepResult.Outcome.SHARED, waited, shared, keys, work);
    }

    /// What follows a step that has to be made has nearly always to be made, too, and so has all of a stage that was
    /// never built. So a RUN's layers are unpacked, and its sandbox is opened, while the steps before it are made.
    ///
    /// @param steps that are likely to be made on these layers
    private void prepareRun(Chain parent, List<Step> steps) {
        if (steps.stream().anyMatch(Step.Run.class::isInstance)) {
            stages.meanwhile(() -> {
                var unused = sandbox.get();
            });
            layers.announceDirectories(parent);
            stages.meanwhile(() -> layers.directories(parent));
        }
    }

    private static List<Step> from(PlannedStage planned, Step step) {
        return planned.steps()
                .subList(planned.steps().indexOf(step), planned.steps().size());
    }

    /// A RUN leaves its layer as a directory in any case.
    private static boolean needsDirectory(PlannedStage planned, Step step) {
        return !(step instanceof Step.Run) && from(planned, step).stream().anyMatch(Step.Run.class::isInstance);
    }

    /// @param by lets nobody follow the blob of a layer that was made before: a registry has it, more often than not,
    ///     and can be asked when it is made again
    private StepRecord runNow(
            Step step,
            StepWork work,
            Map<String, Digest> contents,
            Progress.Activity activity,
            StepTurns.StepTurn turn,
            LayerMaker by)
            throws InterruptedException {
        Instant start = clock.instant();
        LayerMaker.Kept kept;
        try {
            kept = work.run(activity, by);
        } catch (BuildFailure e) {
            layers.checkDirectories();
            turn.failed(e);
            throw e;
        }
        layers.checkDirectories();
        return new StepRecord(
                step.label().text(),
                kept.layer().diffId(),
                kept.layer().tarSizeBytes(),
                kept.blobs(),
                job.epoch(),
                Duration.between(start, clock.instant()),
                contents,
                cache.maker());
    }

    private void alias(CacheKey quick, CacheKey exact, StepRecord record) {
        if (!exact.equals(quick)) {
            cache.record(quick, record);
        }
    }

    private Optional<StepRecord> findHere(CacheKey key) {
        return cache.find(key)
                .filter(record -> layers.has(record.diffId(), record.blobs().values()));
    }

    private Optional<Hit> find(CacheKey key) {
        return findHere(key)
                .map(record -> new Hit(record, List.of(key), KnownStep.Origin.VOLUME))
                .or(() ->
                        imported.find(key).map(step -> new Hit(step.record(), step.keys(), KnownStep.Origin.REGISTRY)));
    }

    private Finished found(Hit hit, CacheKey quick, StepWork work) {
        List<CacheKey> keys = new ArrayList<>(hit.keys());
        keys.addFirst(quick);
        StepResult.Outcome outcome = hit.record().maker().isEarlierAttemptOf(cache.maker())
                ? StepResult.Outcome.RESUMED
                : StepResult.Outcome.CACHED;
        StepRecord record = hit.record();
        return new Finished(
                made(record), result(outcome, Duration.ZERO, record, work), quick, keys, record, hit.origin());
    }

    /// @param keys the quick one first
    private Finished finished(
            StepResult.Outcome outcome, Duration took, StepRecord record, List<CacheKey> keys, StepWork work) {
        return new Finished(
                made(record),
                result(outcome, took, record, work),
                keys.getFirst(),
                keys,
                record,
                KnownStep.Origin.VOLUME);
    }

    private LayerRef.Made made(StepRecord record) {
        return new LayerRef.Made(record.diffId(), record.blobs(), record.epoch(), record.instruction());
    }

    /// The blob that the image would have; of a layer that is in no image, the one that holds its content.
    private @Nullable Descriptor blob(StepRecord record, StepWork work) {
        Descriptor wanted = record.blobs().get(maker.recipe(work.blob()));
        return wanted != null || work.blob() == LayerMaker.Blob.COMPRESSED
                ? wanted
                : record.blobs().values().stream().findFirst().orElse(null);
    }

    private StepResult result(StepResult.Outcome outcome, Duration took, StepRecord record, StepWork work) {
        Descriptor blob = blob(record, work);
        return new StepResult(
                outcome,
                took,
                blob == null ? 0 : blob.sizeBytes(),
                blob == null ? record.diffId().digest() : blob.digest(),
                "");
    }

    /// A linked layer is the same whatever lies below it, so that a base that moves costs it nothing.
    private static List<DiffId> below(Step step, Chain parent) {
        return step instanceof Step.Copy copy && copy.link() ? List.of() : parent.diffIds();
    }

    /// @param inputs in the order in which the step names them
    private CacheKey key(Step step, Chain parent, Map<String, Digest> inputs) {
        return CacheKey.of(
                below(step, parent),
                CanonicalStep.of(step),
                step instanceof Step.Copy ? numbered(inputs) : inputs,
                job.epochOrigin() == BuildJob.EpochOrigin.DERIVED ? null : job.epoch());
    }

    /// What a COPY reads counts by its content and place alone: which stage, image or URL had it is a name that may be
    /// another one tomorrow.
    private static Map<String, Digest> numbered(Map<String, Digest> inputs) {
        Map<String, Digest> all = new HashMap<>();
        inputs.values().forEach(digest -> all.put(Integer.toString(all.size()), digest));
        return all;
    }
}
