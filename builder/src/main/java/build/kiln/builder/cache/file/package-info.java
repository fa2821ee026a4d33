/// Reads the files of the cache volume, whoever has written them.
@NullMarked
package build.kiln.builder.cache.file;

import org.jspecify.annotations.NullMarked;
