/// A node that runs the pods assigned to it as isolated processes of this machine.
@NullMarked
package build.kiln.local.node;

import org.jspecify.annotations.NullMarked;
