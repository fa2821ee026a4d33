/// Tests of what happens to objects between a request and the store.
@NullMarked
package build.kiln.local.apiserver.resource;

import org.jspecify.annotations.NullMarked;
