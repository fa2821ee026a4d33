package build.kiln.builder.execute;

import build.kiln.builder.plan.Step;

/// A step that is done, and how.
public record FinishedStep(Step step, StepResult result) {}
