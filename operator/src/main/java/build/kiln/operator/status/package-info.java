/// The only writer of conditions: a verdict in, the whole status out.
@NullMarked
package build.kiln.operator.status;

import org.jspecify.annotations.NullMarked;
