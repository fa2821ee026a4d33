/// Arguments, wiring, and the order of the runs.
@NullMarked
package build.kiln.bench.app;

import org.jspecify.annotations.NullMarked;
