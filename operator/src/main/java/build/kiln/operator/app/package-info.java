/// Starts the operator: settings, wiring, the end.
@NullMarked
package build.kiln.operator.app;

import org.jspecify.annotations.NullMarked;
