/// The cache volume: step records, layers, blobs and cache mounts. A cache failure never fails a build.
@NullMarked
package build.kiln.builder.cache;

import org.jspecify.annotations.NullMarked;
