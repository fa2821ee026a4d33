/// Lines to a syntax tree: directives, continuations, comments, flags, JSON forms and heredocs.
@NullMarked
package build.kiln.builder.dockerfile.parser;

import org.jspecify.annotations.NullMarked;
