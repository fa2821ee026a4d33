/// The words of a Dockerfile: quotes, escapes, variables, and what they expand to.
@NullMarked
package build.kiln.builder.dockerfile.words;

import org.jspecify.annotations.NullMarked;
