/// What the server says of itself: groups, kinds, OpenAPI, version.
@NullMarked
package build.kiln.local.apiserver.discovery;

import org.jspecify.annotations.NullMarked;
