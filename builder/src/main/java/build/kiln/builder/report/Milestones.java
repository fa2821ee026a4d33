package build.kiln.builder.report;

import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.SilentActivity;
import build.kiln.builder.execute.StepResult;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.Step;
import build.kiln.protocol.StepReport;
import build.kiln.protocol.Timeline;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Notes when a build came how far. It begins when it is made.
public final class Milestones implements Progress {

    private final Clock clock;
    private final Instant start;
    private final Map<Step, Long> steps = new ConcurrentHashMap<>();
    private volatile @Nullable Long source;
    private volatile @Nullable Long planned;
    private volatile @Nullable Long pushing;

    public Milestones(Clock clock) {
        this.clock = clock;
        this.start = clock.instant();
    }

    @Override
    public void sourceObtained(@Nullable String revision) {
        source = now();
    }

    @Override
    public void planned(Plan plan) {
        planned = now();
    }

    @Override
    public void pushing(String image) {
        pushing = now();
    }

    @Override
    public Activity start(Step step) {
        steps.putIfAbsent(step, now());
        return new SilentActivity();
    }

    @Override
    public Activity start(String title) {
        return new SilentActivity();
    }

    @Override
    public void warning(String text) {}

    /// The step's report with its start, if that was noted.
    StepReport noted(Step step, StepResult result) {
        StepReport report = Reports.step(step, result);
        Long at = steps.get(step);
        return at == null ? report : report.startedAfter(at);
    }

    /// All of it up to now, which is the build's end.
    Timeline timeline() {
        return new Timeline(start.toEpochMilli(), source, planned, pushing, now());
    }

    private long now() {
        return Duration.between(start, clock.instant()).toMillis();
    }
}
