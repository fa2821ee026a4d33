/// The closed family of ways in which a build ends badly.
@NullMarked
package build.kiln.builder.failure;

import org.jspecify.annotations.NullMarked;
