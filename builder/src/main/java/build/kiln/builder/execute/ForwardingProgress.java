package build.kiln.builder.execute;

import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.PlanWarning;
import build.kiln.builder.plan.Step;
import org.jspecify.annotations.Nullable;

/// Tells another progress all that it is told. What extends it does something else with a part of it.
public abstract class ForwardingProgress implements Progress {

    private final Progress next;

    /// @param next is told everything
    protected ForwardingProgress(Progress next) {
        this.next = next;
    }

    @Override
    public void sourceObtained(@Nullable String revision) {
        next.sourceObtained(revision);
    }

    @Override
    public void pushing(String image) {
        next.pushing(image);
    }

    @Override
    public void planned(Plan plan) {
        next.planned(plan);
    }

    @Override
    public void waits() {
        next.waits();
    }

    @Override
    public Activity start(String title) {
        return next.start(title);
    }

    @Override
    public Activity start(Step step) {
        return next.start(step);
    }

    @Override
    public void warning(String text) {
        next.warning(text);
    }

    @Override
    public void lint(String file, PlanWarning warning) {
        next.lint(file, warning);
    }
}
