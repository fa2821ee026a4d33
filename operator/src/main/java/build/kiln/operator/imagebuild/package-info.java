/// The reconciler: observes, judges, acts and writes down, in this order.
@NullMarked
package build.kiln.operator.imagebuild;

import org.jspecify.annotations.NullMarked;
