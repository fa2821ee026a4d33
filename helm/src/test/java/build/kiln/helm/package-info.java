/// Holds the chart, and the kustomize base that is made from it, to what the operator needs and may do.
@NullMarked
package build.kiln.helm;

import org.jspecify.annotations.NullMarked;
