/// Runs one process in a root file system, isolated, with mounts, secrets and limits.
@NullMarked
package build.kiln.builder.sandbox;

import org.jspecify.annotations.NullMarked;
