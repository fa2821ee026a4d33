package build.kiln.builder.execute;

import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.PlanWarning;
import build.kiln.builder.plan.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tells several progresses the same.
final class SeveralProgresses implements Progress {

    private final List<Progress> all;

    SeveralProgresses(List<Progress> all) {
        this.all = List.copyOf(all);
    }

    @Override
    public void sourceObtained(@Nullable String revision) {
        all.forEach(one -> one.sourceObtained(revision));
    }

    @Override
    public void pushing(String image) {
        all.forEach(one -> one.pushing(image));
    }

    @Override
    public void planned(Plan plan) {
        all.forEach(one -> one.planned(plan));
    }

    @Override
    public void waits() {
        all.forEach(Progress::waits);
    }

    @Override
    public Activity start(String title) {
        return new Activities(all.stream().map(one -> one.start(title)).toList());
    }

    @Override
    public Activity start(Step step) {
        return new Activities(all.stream().map(one -> one.start(step)).toList());
    }

    @Override
    public void warning(String text) {
        all.forEach(one -> one.warning(text));
    }

    @Override
    public void lint(String file, PlanWarning warning) {
        all.forEach(one -> one.lint(file, warning));
    }

    private record Activities(List<Activity> all) implements Activity {

        @Override
        public void output(byte[] line) {
            all.forEach(one -> one.output(line));
        }

        @Override
        public void detail(String text) {
            all.forEach(one -> one.detail(text));
        }

        @Override
        public void note(String text) {
            all.forEach(one -> one.note(text));
        }

        @Override
        public void done(StepResult result) {
            all.forEach(one -> one.done(result));
        }

        @Override
        public void failed(String message) {
            all.forEach(one -> one.failed(message));
        }
    }
}
