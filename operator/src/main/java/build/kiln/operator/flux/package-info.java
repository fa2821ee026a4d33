/// Sees what the source objects of Flux have.
@NullMarked
package build.kiln.operator.flux;

import org.jspecify.annotations.NullMarked;
