/// Reads what builder pods say of their progress, line by line.
@NullMarked
package build.kiln.operator.progress;

import org.jspecify.annotations.NullMarked;
