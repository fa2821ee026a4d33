package build.kiln.builder.report;

import build.kiln.builder.execute.Progress;
import build.kiln.builder.execute.SilentActivity;
import build.kiln.builder.execute.StepResult;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.Step;
import build.kiln.builder.sandbox.Isolation;
import build.kiln.protocol.BaseImage;
import build.kiln.protocol.ProgressLine;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Progress for the operator: a [ProgressLine] a transition, among the lines for people.
public final class OperatorProgress implements Progress {

    private final PrintStream out;
    private final Supplier<Isolation> isolation;
    private final Milestones milestones;
    private volatile @Nullable String sourceRevision;
    private final AtomicInteger last = new AtomicInteger();
    private final Map<Step, Integer> numbers = new ConcurrentHashMap<>();
    private volatile int total;

    /// @param isolation how RUNs will be isolated
    /// @param milestones has heard of a step before this
    public OperatorProgress(PrintStream out, Supplier<Isolation> isolation, Milestones milestones) {
        this.out = out;
        this.milestones = milestones;
        this.isolation = isolation;
    }

    @Override
    public void sourceObtained(@Nullable String revision) {
        sourceRevision = revision;
    }

    @Override
    public void planned(Plan plan) {
        total = plan.stages().stream().mapToInt(stage -> stage.steps().size()).sum();
        Isolation found = isolation.get();
        print(new ProgressLine.Planned(
                total,
                found.rung().word(),
                Reports.leftOut(found),
                sourceRevision,
                plan.baseImages().stream()
                        .map(image -> new BaseImage(
                                image.name(), Reports.namedDigest(image).toString()))
                        .toList()));
    }

    @Override
    public Activity start(String title) {
        return new SilentActivity();
    }

    @Override
    public void pushing(String image) {
        print(new ProgressLine.Pushing(image));
    }

    @Override
    public Activity start(Step step) {
        int number = numbers.computeIfAbsent(step, ignored -> last.incrementAndGet());
        print(new ProgressLine.StepStarted(number, total, step.label().text()));
        return new SilentActivity() {
            @Override
            public void done(StepResult result) {
                print(new ProgressLine.StepFinished(number, total, milestones.noted(step, result)));
            }
        };
    }

    @Override
    public void warning(String text) {
        print(new ProgressLine.Warned(text));
    }

    private void print(ProgressLine line) {
        synchronized (out) {
            out.println(line.format());
            out.flush();
        }
    }
}
