package build.kiln.builder.app;

import build.kiln.builder.execute.Progress;
import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.Step;
import java.util.List;

/// Collects the warnings of a build for its report.
record Warnings(List<String> texts) implements Progress {

    @Override
    public void planned(Plan plan) {}

    @Override
    public Activity start(String title) {
        return Progress.none().start(title);
    }

    @Override
    public Activity start(Step step) {
        return Progress.none().start(step);
    }

    @Override
    public void warning(String text) {
        texts.add(text);
    }
}
