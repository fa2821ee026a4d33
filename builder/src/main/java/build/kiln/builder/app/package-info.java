/// The program: arguments, wiring, signals, exit codes.
@NullMarked
package build.kiln.builder.app;

import org.jspecify.annotations.NullMarked;
