/// Brings Kiln into the cluster by its chart, and takes it out again.
@NullMarked
package build.kiln.e2e.install;

import org.jspecify.annotations.NullMarked;
