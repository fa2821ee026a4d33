/// Turns instructions, arguments and base configs into a graph of steps, and drops what the target does not need. Pure.
@NullMarked
package build.kiln.builder.plan;

import org.jspecify.annotations.NullMarked;
