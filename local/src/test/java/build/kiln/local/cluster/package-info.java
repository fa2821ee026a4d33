/// Tests of the whole: kubectl, API server, operator, node, builder, registry.
@NullMarked
package build.kiln.local.cluster;

import org.jspecify.annotations.NullMarked;
