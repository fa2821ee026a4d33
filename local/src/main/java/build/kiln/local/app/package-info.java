/// The command line: arguments, wiring, exit codes.
@NullMarked
package build.kiln.local.app;

import org.jspecify.annotations.NullMarked;
