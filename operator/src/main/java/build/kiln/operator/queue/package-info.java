/// Pure: who may start now.
@NullMarked
package build.kiln.operator.queue;

import org.jspecify.annotations.NullMarked;
