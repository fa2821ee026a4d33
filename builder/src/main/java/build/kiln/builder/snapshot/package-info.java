/// A mounted root file system for a chain of layers, and the changeset that a RUN leaves.
@NullMarked
package build.kiln.builder.snapshot;

import org.jspecify.annotations.NullMarked;
