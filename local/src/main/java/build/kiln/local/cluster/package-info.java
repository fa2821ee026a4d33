/// The embedded cluster as a whole: API server, node, registry, operator, and where they keep what.
@NullMarked
package build.kiln.local.cluster;

import org.jspecify.annotations.NullMarked;
