/// Hears from git servers that somebody has pushed.
@NullMarked
package build.kiln.operator.hook;

import org.jspecify.annotations.NullMarked;
