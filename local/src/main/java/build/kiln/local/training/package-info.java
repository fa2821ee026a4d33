/// Fills the class cache of the operator's Java virtual machine: a cluster that gives it work, and takes it away again.
@NullMarked
package build.kiln.local.training;

import org.jspecify.annotations.NullMarked;
