/// Runs, their medians, and the ratios between builders.
@NullMarked
package build.kiln.bench.outcome;

import org.jspecify.annotations.NullMarked;
