package build.kiln.bench.outcome;

import build.kiln.bench.measure.Figures;

/// One run of one builder.
///
/// @param workload its name, such as `W1`
/// @param number of the round, from 1 on
public record Run(String workload, Scenario scenario, String contender, int number, Figures figures) {}
