/// Pure: an ImageBuild in, the builder pod that it wants out.
@NullMarked
package build.kiln.operator.pod;

import org.jspecify.annotations.NullMarked;
