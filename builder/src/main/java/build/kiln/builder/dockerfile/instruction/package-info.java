/// The typed instructions, one record each, and how a node of the syntax tree becomes one.
@NullMarked
package build.kiln.builder.dockerfile.instruction;

import org.jspecify.annotations.NullMarked;
