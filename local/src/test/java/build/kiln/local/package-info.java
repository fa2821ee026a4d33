/// Tests of the module as a whole, and what its tests share.
@NullMarked
package build.kiln.local;

import org.jspecify.annotations.NullMarked;
