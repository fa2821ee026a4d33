/// Tests of the node with shell scripts as containers.
@NullMarked
package build.kiln.local.node;

import org.jspecify.annotations.NullMarked;
