/// Operators that are killed, stopped and cut off, and API servers that fail.
@NullMarked
package build.kiln.bench.faults;

import org.jspecify.annotations.NullMarked;
