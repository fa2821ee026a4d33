/// A node without programs: takes builder pods of any API server through their phases, and has their logs.
@NullMarked
package build.kiln.bench.stub;

import org.jspecify.annotations.NullMarked;
