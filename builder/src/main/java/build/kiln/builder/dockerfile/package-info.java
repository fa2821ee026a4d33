/// Text to typed stages and instructions with the lines they stand on.
///
/// Cut like a compiler: `words` (quotes and variables), `parser` (lines to a syntax tree), `instruction` (the tree to
/// typed instructions), this package (stages), `lint`. Nothing is expanded here: an instruction keeps its words as
/// they are written, and the plan expands them with the environment of their stage.
@NullMarked
package build.kiln.builder.dockerfile;

import org.jspecify.annotations.NullMarked;
