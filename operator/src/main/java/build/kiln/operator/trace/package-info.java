/// Sends traces of builds to where somebody collects them.
@NullMarked
package build.kiln.operator.trace;

import org.jspecify.annotations.NullMarked;
