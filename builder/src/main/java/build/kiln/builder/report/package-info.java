/// Progress for people, terminal and plain, and the final report for the operator.
@NullMarked
package build.kiln.builder.report;

import org.jspecify.annotations.NullMarked;
