/// The command: options, the order of the run, exit status.
@NullMarked
package build.kiln.e2e.app;

import org.jspecify.annotations.NullMarked;
