/// Tests of the API server, through its own doors and through the real kubectl.
@NullMarked
package build.kiln.local.apiserver;

import org.jspecify.annotations.NullMarked;
