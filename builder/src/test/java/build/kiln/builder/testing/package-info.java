/// What several rooms' tests need: a real registry, one that misbehaves, and the oracle that checks pushed images.
@NullMarked
package build.kiln.builder.testing;

import org.jspecify.annotations.NullMarked;
