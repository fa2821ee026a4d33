/// A small base image made of what is installed on this machine.
@NullMarked
package build.kiln.local.seed;

import org.jspecify.annotations.NullMarked;
