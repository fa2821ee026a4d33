/// What is tried: one row a claim, as data where that is enough.
@NullMarked
package build.kiln.e2e.row;

import org.jspecify.annotations.NullMarked;
