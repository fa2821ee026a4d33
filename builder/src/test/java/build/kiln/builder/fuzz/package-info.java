/// Throws mutated inputs at everything that reads what others wrote.
@NullMarked
package build.kiln.builder.fuzz;

import org.jspecify.annotations.NullMarked;
