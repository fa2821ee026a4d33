/// The four ways of patching an object.
@NullMarked
package build.kiln.local.apiserver.patch;

import org.jspecify.annotations.NullMarked;
