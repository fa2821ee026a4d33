/// The builders that are measured, each started as its users start it.
@NullMarked
package build.kiln.bench.contender;

import org.jspecify.annotations.NullMarked;
