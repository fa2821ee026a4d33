package build.kiln.builder.execute;

import build.kiln.builder.failure.BuildFailure;
import build.kiln.builder.plan.PlannedStage;
import build.kiln.builder.plan.Step;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the COPYs of one stage read. Once a step has to be made, so have nearly always those after it: then what they
/// are going to ask for is read while that step is made.
final class ReadAhead {

    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

    private final PlannedStage planned;
    private final Function<Step.Copy, CopySources> open;
    private final StageRuns stages;
    private final Map<Step, CopySources> all = new HashMap<>();
    private boolean started;

    ReadAhead(PlannedStage planned, Function<Step.Copy, CopySources> open, StageRuns stages) {
        this.planned = planned;
        this.open = open;
        this.stages = stages;
    }

    /// Of one COPY; for the thread that runs the stage.
    CopySources of(Step.Copy copy) {
        return all.computeIfAbsent(copy, _ -> open.apply(copy));
    }

    /// Begins with what comes after this step, unless that was begun before. A linked COPY may well be there whatever
    /// came before it.
    void after(Step step) {
        if (started) {
            return;
        }
        started = true;
        List<Step> steps = planned.steps();
        for (Step later : steps.subList(steps.indexOf(step) + 1, steps.size())) {
            if (later instanceof Step.Copy copy && !copy.link()) {
                CopySources sources = of(copy);
                stages.meanwhile(() -> read(sources));
            }
        }
    }

    private static void read(CopySources sources) {
        try {
            sources.readAhead();
        } catch (BuildFailure e) {
            LOG.debug("It will be said when it matters: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
