/// Pure: what has to happen to an ImageBuild, as a verdict with its reason.
@NullMarked
package build.kiln.operator.policy;

import org.jspecify.annotations.NullMarked;
