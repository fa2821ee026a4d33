package build.kiln.builder.execute;

import build.kiln.builder.plan.Plan;
import build.kiln.builder.plan.Step;

/// Says nothing.
final class SilentProgress implements Progress {

    private static final Activity SILENT = new SilentActivity();

    @Override
    public void planned(Plan plan) {}

    @Override
    public Activity start(String title) {
        return SILENT;
    }

    @Override
    public Activity start(Step step) {
        return SILENT;
    }

    @Override
    public void warning(String text) {}
}
