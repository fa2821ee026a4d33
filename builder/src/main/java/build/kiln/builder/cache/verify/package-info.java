/// Finds what is damaged on the volume by reading all of it, and heals it by forgetting.
@NullMarked
package build.kiln.builder.cache.verify;

import org.jspecify.annotations.NullMarked;
