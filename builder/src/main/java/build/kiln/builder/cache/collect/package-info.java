/// Keeps the volume within its limits: what lies on it, what may go, and its removal beside builds that run.
@NullMarked
package build.kiln.builder.cache.collect;

import org.jspecify.annotations.NullMarked;
