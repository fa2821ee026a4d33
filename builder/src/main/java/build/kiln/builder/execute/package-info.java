/// Walks the plan: looks each step up, runs what is missing, records it, and uploads layers as they are made.
@NullMarked
package build.kiln.builder.execute;

import org.jspecify.annotations.NullMarked;
