/// What the operator counts and measures.
@NullMarked
package build.kiln.operator.metrics;

import org.jspecify.annotations.NullMarked;
