/// Wall time, processor time and memory of other programs, as the kernel counts them.
@NullMarked
package build.kiln.bench.measure;

import org.jspecify.annotations.NullMarked;
